import t from 'tap';
import { redactionOf, redactQuery, redactUrl } from '../../../src/process/secrets/redaction.ts';

t.test('a key to redact that has a * stands for all keys that begin like the text before it', async (t) => {
  const isRedacted = redactionOf(['user.id', 'card.*', 'a*b']);
  t.strictSame(['user.id', 'card.number', 'a.b', 'ab'].filter(isRedacted).length, 4);
  t.strictSame(['user.name', 'card', 'b'].filter(isRedacted), []);
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
