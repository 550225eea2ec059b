import t from 'tap';
import { LOOKED_AT, secretFormOf } from '../../../../src/core/redaction/secret-forms.ts';

const of = (text: string) => secretFormOf('the body', text);
const letters = (count: number) => 'aZ3'.repeat(count).slice(0, count);

t.test('secrets are found in the forms in which log lines have them', async (t) => {
  for (const text of [
    '/login?password=hunter2222',
    '{"password":"hunter2222"}',
    '{"user":"bob","api_key": "hunter-two-two"}',
    '"body":"{\\"password\\":\\"hunter2222\\"}"',
    'DB_PASSWORD=hunter2222',
    "connecting with password = 'hunter2222'",
    'client_secret=hunter2222&grant_type=x',
    'aws_secret_access_key=hunter2222hunter',
    'api-key: hunter2222',
    'x-api-key: hunter2222',
    'access_token=hunter2222',
    'Authorization: Bearer abcdefghijklmnop',
    'authorization: bearer abcdefghijklmnop',
    'Authorization: Basic Ym9iOmh1bnRlcjI=',
    'Cookie: sid=hunter2222',
    'postgres://bob:hunter22@db/x',
    'redis://:hunter22@cache:6379',
    '-----BEGIN RSA PRIVATE KEY-----',
    `got eyJ${letters(20)}.eyJ${letters(20)}.${letters(20)}`,
    'AKIAIOSFODNN7EXAMPLE',
    `ghp_${letters(36)}`,
    `glpat-${letters(20)}`,
    `xoxb-${letters(20)}`,
    `npm_${letters(36)}`,
    `pypi-${letters(60)}`,
    `sk_live_${letters(24)}`,
    `sk-proj-${letters(40)}`,
    `SG.${letters(22)}.${letters(43)}`,
    `hf_${letters(34)}`,
    `hcaik_${'a1'.repeat(29)}`,
  ])
    t.type(of(text), 'string', text);
});

t.test('sentences, hidden values and placeholders are no secrets', async (t) => {
  for (const text of [
    'the password is wrong',
    'password: required',
    'Invalid password: mismatch for this user',
    'secret: rotated',
    'passwordless login',
    'Basic authentication is required',
    'Basic configuration was loaded',
    'Bearer authentication failed',
    'Bearer token expired',
    'password=REDACTED',
    'password=***',
    'password=$1',
    'password=<hidden>',
    '{"password":"[Filtered]"}',
    '{"password":null}',
    'SELECT * FROM users WHERE password = ?',
    'INSERT INTO users (name, password) VALUES ($1, $2)',
    'http://localhost:4318/v1/traces',
    'https://user:REDACTED@host/',
    'cookie: sid=REDACTED',
    'GET /tokens?page_token=abc',
    'key eyJ alone',
    'mail bob@example.com at 10:30',
  ])
    t.equal(of(text), undefined, text);
  for (const hidden of ['', '***', 'REDACTED', '[REDACTED]', '"<hidden>"', 'xxxx', 'true'])
    t.equal(secretFormOf('login.password', hidden), undefined, hidden);
  t.equal(secretFormOf('login.password', 'x1'), 'a secret');
});

t.test('the beginning of a text is looked at, 64 KiB of it', async (t) => {
  const secret = ' password=hunter2222';
  t.equal(of('a'.repeat(LOOKED_AT - secret.length) + secret), 'a password');
  t.equal(of('a'.repeat(LOOKED_AT) + secret), undefined);
});
