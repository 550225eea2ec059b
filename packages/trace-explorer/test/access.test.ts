import { RpcCode } from '@tandem/otlp';
import t from 'tap';
import { createAccess, SESSION_COOKIE } from '../src/access.ts';
import { readConfig } from '../src/config.ts';
import { buildReceiver } from '../src/receiver/build-receiver.ts';
import { temporaryExplorer } from './explorer.ts';
import { temporaryStore } from './spans.ts';

const TOKEN = 'correct-horse-battery-staple-7';
const access = createAccess(TOKEN);
const bearer = { authorization: `Bearer ${TOKEN}` };

t.test('with EXPLORER_TOKEN the API is for those who have it', async (t) => {
  const { app } = await temporaryExplorer(t, { access });
  for (const headers of [{}, { authorization: 'Bearer another' }, { cookie: `${SESSION_COOKIE}=${TOKEN}` }]) {
    for (const url of [
      '/api/status',
      '/api/traces',
      '/1/queries/x',
      '/assets/x.js',
      '/documentation/json',
      '/x',
    ]) {
      const response = await app.inject({ url, headers });
      t.equal(response.statusCode, 401, url);
      t.match(response.body, 'EXPLORER_TOKEN');
      t.notMatch(response.body, TOKEN);
    }
  }
  t.equal((await app.inject({ url: '/api/status', headers: bearer })).statusCode, 200);
  t.equal((await app.inject('/health/ready')).statusCode, 200);
  const document = (await app.inject({ url: '/documentation/json', headers: bearer })).json();
  t.same(document.security, [{ bearerToken: [] }]);
});

t.test(
  'who opens a page without is asked for it, and is let in by a cookie that does not tell it',
  async (t) => {
    const { app } = await temporaryExplorer(t, { access });
    const accept = 'text/html,*/*';
    const asked = await app.inject({ url: '/trace/ab?x="1', headers: { accept } });
    t.equal(asked.statusCode, 401);
    t.match(asked.headers['content-type'], 'text/html');
    t.match(asked.body, '<input type="hidden" name="path" value="/trace/ab?x=%221">');
    const logIn = (token: string, path = '/trace/ab') =>
      app.inject({
        method: 'POST',
        url: '/login',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ token, path }).toString(),
      });
    const wrong = await logIn('another');
    t.equal(wrong.statusCode, 401);
    t.notOk(wrong.headers['set-cookie']);
    t.match(wrong.body, 'not the token');

    const right = await logIn(TOKEN);
    t.equal(right.statusCode, 303);
    t.equal(right.headers.location, '/trace/ab');
    const cookie = String(right.headers['set-cookie']);
    t.match(cookie, /; HttpOnly; SameSite=Lax$/);
    t.notMatch(cookie, TOKEN);
    const [pair = ''] = cookie.split(';');
    t.equal((await app.inject({ url: '/api/status', headers: { cookie: `a=b; ${pair}` } })).statusCode, 200);
    for (const path of ['//evil.example', 'https://evil.example', '/\\evil.example', ''])
      t.equal((await logIn(TOKEN, path)).headers.location, '/', path);
  },
);

t.test('spans are taken from senders that have it', async (t) => {
  const store = await temporaryStore(t);
  const receiver = await buildReceiver({ store, access });
  t.teardown(() => receiver.close());
  const send = (headers: Record<string, string>) =>
    receiver.inject({
      method: 'POST',
      url: '/v1/traces',
      headers: { 'content-type': 'application/json', ...headers },
      payload: '{"resourceSpans":[]}',
    });
  const refused = await send({});
  t.equal(refused.statusCode, 401);
  t.match(refused.json(), { code: RpcCode.unauthenticated, message: /OTEL_EXPORTER_OTLP_HEADERS/ });
  t.equal((await send({ authorization: 'Bearer another' })).statusCode, 401);
  t.equal((await send(bearer)).statusCode, 200);
});

t.test('a malformed token is named, not shown', (t) => {
  t.throws(() => readConfig({ EXPLORER_TOKEN: 'too short' }), { message: /^EXPLORER_TOKEN is malformed/ });
  t.end();
});
