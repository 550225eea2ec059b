import t from 'tap';
import { parseHost, redactQuery, redactUrl, splitTarget } from '../../src/http/http-url.ts';

t.test('request targets are split, in each of their forms', async (t) => {
  t.same(splitTarget('/a?b=1?c'), { path: '/a', query: 'b=1?c', authority: undefined });
  t.same(splitTarget('/a?'), { path: '/a', query: '', authority: undefined });
  t.same(splitTarget('//a/b'), { path: '//a/b', query: undefined, authority: undefined });
  t.same(splitTarget('*'), { path: '*', query: undefined, authority: undefined });
  t.same(splitTarget('http://me:secret@a.example:8080/b?c'), {
    path: '/b',
    query: 'c',
    authority: 'a.example:8080',
  });
  t.same(splitTarget('http://a.example?c'), { path: '/', query: 'c', authority: 'a.example' });
});

t.test('Host headers are split into address and port', async (t) => {
  const cases: readonly (readonly [string, string, string | undefined, number?])[] = [
    ['a.example', 'http', 'a.example', 80],
    ['a.example', 'https', 'a.example', 443],
    ['a.example:8080', 'http', 'a.example', 8080],
    ['[::1]:4567', 'http', '::1', 4567],
    ['[::1]', 'https', '::1', 443],
    ['127.0.0.1:1', 'http', '127.0.0.1', 1],
    ['', 'http', undefined],
    ['a:b', 'http', undefined],
    ['a:99999', 'http', undefined],
    ['a b', 'http', undefined],
    ['user@a', 'http', undefined],
    ['a/b', 'http', undefined],
    ['x'.repeat(300), 'http', undefined],
  ];
  for (const [header, scheme, address, port] of cases) {
    t.same(parseHost(header, scheme), address === undefined ? undefined : { address, port }, header);
  }
});

t.test('signatures and key ids are taken out of a query', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['', ''],
    ['q=OpenTelemetry', 'q=OpenTelemetry'],
    ['q=1&sig=ab%2Fc&r=2', 'q=1&sig=REDACTED&r=2'],
    ['sig=', 'sig=REDACTED'],
    ['?AWSAccessKeyId=A&Signature=B', '?AWSAccessKeyId=REDACTED&Signature=REDACTED'],
    ['X-Goog-Signature=B&X-Goog-Date=D', 'X-Goog-Signature=REDACTED&X-Goog-Date=D'],
    ['X-Amz-Credential=A&X-Amz-Security-Token=B', 'X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED'],
    ['X-Amz-Signature=A=B', 'X-Amz-Signature=REDACTED'],
    ['s%69g=secret&a=%zz', 's%69g=REDACTED&a=%zz'],
    ['SIG=1&design=2&mysig=3&sigma=4', 'SIG=1&design=2&mysig=3&sigma=4'],
    ['sig', 'sig'],
    ['a=sig=1', 'a=sig=1'],
  ];
  for (const [query, expected] of cases) t.equal(redactQuery(query), expected, query);
});

t.test('user and password are taken out of a URL', async (t) => {
  t.equal(
    redactUrl('http://me:secret@a.example/p?sig=1'),
    'http://REDACTED:REDACTED@a.example/p?sig=REDACTED',
  );
  t.equal(redactUrl('http://me@a.example'), 'http://REDACTED:REDACTED@a.example');
  t.equal(redactUrl('http://a.example/@me?x=a@b'), 'http://a.example/@me?x=a@b');
});
