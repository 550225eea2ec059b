import t from 'tap';
import { secretsOf, withoutSecrets } from '../../../src/process/secrets/secrets.ts';

const basic = Buffer.from('ingest:p@ss/word').toString('base64');

t.test('secrets of headers and URL are removed from an echo, in each of their forms', async (t) => {
  const secrets = secretsOf({
    url: 'https://me:s3cr%40t@collector.example/receiver/ZaVnC4dhaV0WcDyMhB9/in?token=abcdef',
    headers: {
      authorization: `Basic ${basic}`,
      'x-api-key': 'plain "quoted" key',
      'x-bearer': 'Bearer tok-en-value',
      'x-flag': '1',
      'k3y-as-a-name-of-a-header': 'x-api-key',
    },
  });
  const echoes = [
    'k3y-as-a-name-of-a-header',
    'tok-en-value',
    'Bearer tok-en-value',
    basic,
    'ingest:p@ss/word',
    'p@ss/word',
    encodeURIComponent('p@ss/word'),
    's3cr@t',
    's3cr%40t',
    Buffer.from('me:s3cr@t').toString('base64'),
    'ZaVnC4dhaV0WcDyMhB9',
    'abcdef',
    'plain "quoted" key',
    JSON.stringify({ key: 'plain "quoted" key' }),
  ];
  for (const echo of echoes) {
    const said = withoutSecrets(`unknown: ${echo}!`, secrets);
    t.match(said, /REDACTED/, echo);
    for (const part of ['tok-en', 'p@ss', 'p%40ss', 's3cr', 'ZaVn', 'abcdef', 'quoted', 'k3y-as', basic]) {
      t.notOk(said.includes(part), `${part} of ${echo}`);
    }
  }
  t.equal(withoutSecrets('1 of 100 spans', secrets), '1 of 100 spans', 'a short value stands everywhere');
});

t.test('a password of Basic may have colons, and is removed whole', async (t) => {
  const authorization = `Basic ${Buffer.from('me:first:second').toString('base64')}`;
  const secrets = secretsOf({ url: 'https://collector.example/', headers: { authorization } });
  t.equal(withoutSecrets('refused: first:second', secrets), 'refused: REDACTED');
});

t.test('credentials are known by their form, and sentences stay as they are', async (t) => {
  t.equal(withoutSecrets('got Bearer eyJhbGciOiJ9.x1 here'), 'got Bearer REDACTED here');
  t.equal(withoutSecrets('Basic authentication is required'), 'Basic authentication is required');
  t.equal(withoutSecrets('Bearer token expired'), 'Bearer token expired');
});

t.test('shown settings keep words that are no credentials', async (t) => {
  t.equal(withoutSecrets('localhost:4318'), 'localhost:4318');
  t.equal(
    withoutSecrets('grpc://collector.observability.svc:4317/v1'),
    'grpc://collector.observability.svc:4317/v1',
  );
  t.equal(withoutSecrets('http:/user:pw@host/a?b=c&d=e'), 'REDACTED@host/a?b=REDACTED&d=REDACTED');
  t.equal(withoutSecrets('parentbased_sometimes'), 'parentbased_sometimes');
});
