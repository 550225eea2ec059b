import t from 'tap';
import { masked, maskedIn } from '../../../src/core/redaction/masked.ts';
import { SECRETS } from '../../secrets.ts';

for (const [kind, { text, secret }] of Object.entries(SECRETS))
  t.test(`${kind} is not in a text for others`, async (t) => {
    for (const whole of [
      text,
      `connect failed: ${text}`,
      `(${text})`,
      JSON.stringify({ message: text }),
      `${text}, see the log`,
    ]) {
      const shown = masked(whole);
      t.notMatch(shown, secret, shown);
      t.equal(masked(shown), shown, 'the same again');
    }
  });

t.test('what is no secret stays', async (t) => {
  for (const text of [
    'GET /users/:id of shop fails: TypeError: no city',
    '/srv/app/node_modules/pg-pool/index.js:45:11',
    'C:\\app\\keys\\index.js:3',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'commit da9f801ad of main',
    '550e8400-e29b-41d4-a716-446655440000',
    'http://localhost:3000/orders/7?limit=20&page=2#list',
    'postgres://db.internal:5432/shop',
    'redis://localhost:6379/0',
    'duplicate key value violates unique constraint "users_pkey"',
    'Key (id)=(7) already exists.',
    'Unexpected token: }',
    'Unexpected token < in JSON at position 0',
    'the token has expired: ask for a new one',
    'password authentication failed for user "app"',
    'Bearer authentication is missing',
    'Basic configuration',
    "Cannot read properties of undefined (reading 'token')",
    'cannot find secret: undefined',
    'SELECT * FROM items WHERE id = $1 AND key = $2',
    'mailto:a@b.example',
    '@scope/package@1.2.3',
  ])
    t.equal(masked(text), text);
});

t.test('values of secret names go whole, in maps and in the form of OTLP', async (t) => {
  t.strictSame(
    maskedIn({
      'http.request.header.authorization': ['plain'],
      login: { password: 'plain', name: 'ann' },
      attributes: [
        { key: 'db.password', value: { stringValue: 'plain' } },
        { key: 'db.name', value: { stringValue: 'shop' } },
      ],
      count: 7,
      nothing: null,
    }),
    {
      'http.request.header.authorization': ['REDACTED'],
      login: { password: 'REDACTED', name: 'ann' },
      attributes: [
        { key: 'db.password', value: { stringValue: 'REDACTED' } },
        { key: 'db.name', value: { stringValue: 'shop' } },
      ],
      count: 7,
      nothing: null,
    },
  );
});

t.test('a text that is cut within a password shows no part of it', async (t) => {
  t.notMatch(masked('connect postgres://app:hunt3r…'), 'hunt3r');
  t.notMatch(masked('connect postgres://app:hunt3r...'), 'hunt3r');
});

t.test('a long text takes time in proportion', async (t) => {
  for (const part of [
    'a-',
    'key.',
    ':',
    '=',
    'a:',
    '://',
    '//a:b',
    'token ',
    '"',
    "x='",
    'eyJ',
    '-----BEGIN PRIVATE KEY-----',
    'cookie: ',
    'sk-',
  ])
    t.type(masked(part.repeat(200_000 / part.length)), 'string', part);
});
