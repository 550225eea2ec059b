import t from 'tap';
import { parseHost, splitTarget } from '../../../src/road/http/http-url.ts';

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

t.test('the same Host header is another port under another scheme', async (t) => {
  for (const [scheme, port] of [
    ['http', 80],
    ['https', 443],
    ['http', 80],
  ] as const)
    t.strictSame(parseHost('example.com', scheme), { address: 'example.com', port });
});
