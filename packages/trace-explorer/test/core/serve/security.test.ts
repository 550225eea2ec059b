import type { AddressInfo } from 'node:net';
import { RpcCode } from '@tandem/otlp';
import { rawRequest } from '@tandem/service-kit/testing';
import t from 'tap';
import { readConfig } from '../../../src/core/config.ts';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import { Intake } from '../../../src/core/receiver/intake.ts';
import { createAccess, SESSION_COOKIE } from '../../../src/core/serve/access.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { temporaryStore } from '../../spans.ts';

const { app } = await temporaryExplorer(t, { allowedHosts: ['Explorer'] });
await app.listen({ port: 0, host: '127.0.0.1' });
const { port } = app.server.address() as AddressInfo;

function ask(headers: readonly string[], target = 'GET /api/traces') {
  return rawRequest(port, [`${target} HTTP/1.1`, ...headers, 'connection: close', '', ''].join('\r\n'));
}

t.test(
  'only names that mean this machine are answered, so that no DNS of a stranger leads here',
  async (t) => {
    const ours = [
      'localhost',
      `localhost:${port}`,
      'LOCALHOST:1',
      '127.0.0.1',
      '[::1]:4319',
      '192.168.1.5:4319',
      'explorer',
      'page.localhost',
    ];
    for (const host of ours) t.equal((await ask([`Host: ${host}`])).status, 200, host);
    const strangers = [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      'explorer.evil.example',
      '[evil]',
      'localhost@evil.example',
      'evil.example:80:80',
      'notlocalhost',
    ];
    for (const host of strangers) {
      const { status, body, headers } = await ask([`Host: ${host}`]);
      t.equal(status, 421, host);
      t.equal(JSON.parse(body).code, 'HOST_NOT_ALLOWED');
      t.match(headers['content-type'], 'application/problem+json');
    }
    t.not((await ask([])).status, 200, 'no host at all');
    t.equal((await ask(['Host: evil.example'], 'GET /no/such/route')).status, 421);
  },
);

t.test(
  'a person who comes through a proxy that changes Host reads in a page which setting mends that',
  async (t) => {
    const html = 'Accept: text/html,*/*;q=0.8';
    const host = await ask(['Host: evil.example', html], 'GET /');
    t.equal(host.status, 421);
    t.match(host.headers['content-type'], 'text/html');
    t.match(host.body, /<h1>.*EXPLORER_ALLOWED_HOSTS/s);
    const login = await ask(
      ['Host: localhost', 'Origin: https://traces.example', html, 'Content-Length: 0'],
      'POST /login',
    );
    t.equal(login.status, 403);
    t.match(login.headers['content-type'], 'text/html');
    t.match(login.body, /<h1>.*proxy_set_header Host.*EXPLORER_ALLOWED_HOSTS/s);
    t.match(login.headers['content-security-policy'], "default-src 'none'");
  },
);

t.test('a request names one host', async (t) => {
  for (const hosts of [
    ['Host: localhost', 'Host: evil.example'],
    ['Host: evil.example', 'HOST: localhost'],
    ['Host: localhost', 'host: localhost'],
  ])
    for (const target of ['GET /api/traces', 'GET /', 'POST /1/queries/__all__', 'GET /no/such/route']) {
      const { status, body } = await ask(hosts, target);
      t.equal(status, 400, `${target} ${hosts}`);
      t.match(body, target.includes('/1/') ? /could not be parsed/ : /"field":"host"/);
    }
});

t.test('pages of other origins can neither read nor ask', async (t) => {
  const own = `Host: localhost:${port}`;
  t.equal((await ask([own, `Origin: http://localhost:${port}`])).status, 200);
  const origins = [
    'https://evil.example',
    'null',
    `http://localhost:${port + 1}`,
    'http://localhost',
    `http://localhost:${port}.evil.example`,
    'file://',
    '',
  ];
  for (const origin of origins) {
    const { status, headers, body } = await ask([own, `Origin: ${origin}`]);
    t.equal(status, 403, origin);
    t.notMatch(Object.keys(headers).join(), 'access-control-allow');
    t.equal(JSON.parse(body).code, 'ORIGIN_NOT_ALLOWED');
  }
  t.equal(
    (
      await ask(
        [own, 'Origin: https://evil.example', 'Access-Control-Request-Method: POST'],
        'OPTIONS /1/queries/__all__',
      )
    ).status,
    403,
  );
  t.equal((await ask(['Host: 0.0.0.0', 'Origin: https://evil.example'])).status, 403);
});

t.test('the headers of a browser about the asking page decide', async (t) => {
  const fetched = (site: string, mode: string, dest: string, target?: string) =>
    ask(
      ['Host: localhost', `Sec-Fetch-Site: ${site}`, `Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${dest}`],
      target,
    );
  t.equal((await fetched('same-origin', 'cors', 'empty')).status, 200, 'our page');
  t.equal((await fetched('none', 'navigate', 'document')).status, 200, 'the address bar');
  t.equal((await fetched('cross-site', 'navigate', 'document', 'GET /')).status, 200, 'a link');
  t.equal((await fetched('cross-site', 'no-cors', 'script')).status, 403, 'a script element elsewhere');
  t.equal((await fetched('same-site', 'no-cors', 'image')).status, 403, 'another port of this machine');
  t.equal((await fetched('cross-site', 'navigate', 'iframe', 'GET /')).status, 403, 'a frame');
  t.equal((await fetched('cross-site', 'navigate', 'document', 'POST /api/import')).status, 403, 'a form');
});

t.test('pages of this machine may load trace.js, and others may not', async (t) => {
  const loaded = (site: string, ...more: string[]) =>
    ask(
      [
        'Host: localhost',
        `Sec-Fetch-Site: ${site}`,
        'Sec-Fetch-Mode: no-cors',
        'Sec-Fetch-Dest: script',
        ...more,
      ],
      'GET /trace.js',
    );
  const { status, headers, body } = await loaded('same-site', 'Referer: http://localhost:5173/shop');
  t.equal(status, 200);
  t.equal(headers['content-type'], 'text/javascript; charset=utf-8');
  t.equal(headers['cross-origin-resource-policy'], 'cross-origin');
  t.match(body, 'http://localhost:4318');
  t.equal((await loaded('cross-site', 'Referer: http://127.0.0.1:5173/')).status, 200, 'another name');
  t.equal((await loaded('same-site')).status, 200, 'a page that sends no referrer');
  t.equal((await loaded('cross-site', 'Origin: http://127.0.0.1:5173')).status, 200, 'a module');
  t.equal((await loaded('cross-site', 'Referer: https://evil.example/')).status, 403);
  t.equal((await loaded('cross-site', 'Origin: https://evil.example')).status, 403);
  t.equal((await loaded('cross-site')).status, 403);
  t.equal((await ask(['Host: evil.example'], 'GET /trace.js')).status, 421);
});

t.test('every kind of answer has the strict policy', async (t) => {
  for (const target of [
    'GET /',
    'GET /api/traces',
    'GET /api/traces/x/outline',
    'GET /nowhere',
    'GET /documentation/',
    'GET /1/auth',
  ]) {
    const { headers } = await ask(['Host: localhost'], target);
    t.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/, target);
    t.notMatch(Object.values(headers).join(), 'unsafe-inline', target);
    t.equal(headers['x-content-type-options'], 'nosniff', target);
    t.equal(headers['cross-origin-resource-policy'], 'same-origin', target);
  }
});

const TOKEN = 'correct-horse-battery-staple-7';
const access = createAccess(TOKEN);
const bearer = { authorization: `Bearer ${TOKEN}` };

t.test('with EXPLORER_TOKEN the API answers holders of the token only', async (t) => {
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
  const { body } = await app.inject('/trace.js');
  t.match(body, /^console\.info\("trace\.js: .*EXPLORER_TOKEN.* has no traces\."\);$/, 'a page learns why');
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
    const logIn = (token: string, path = '/trace/ab', headers = {}) =>
      app.inject({
        method: 'POST',
        url: '/login',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
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
    const overHttps = await logIn(TOKEN, '/', { host: 'localhost:80', origin: 'https://localhost:80' });
    t.match(overHttps.headers['set-cookie'], /; Secure$/, 'the browser speaks to a proxy with TLS');
    const [pair = ''] = cookie.split(';');
    t.equal((await app.inject({ url: '/api/status', headers: { cookie: `a=b; ${pair}` } })).statusCode, 200);
    for (const path of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/.//evil.example',
      '/x/..//evil.example',
      '/%2e//evil.example',
      '/\t/evil.example',
      '',
    ])
      t.equal((await logIn(TOKEN, path)).headers.location, '/', path);
  },
);

t.test('spans are taken from senders that have it', async (t) => {
  const store = await temporaryStore(t);
  const intake = new Intake({ store });
  const receiver = await buildReceiver({ store, access, intake });
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
  const { app } = await temporaryExplorer(t, { intake });
  t.equal((await app.inject('/api/status')).json().refused_by_token, 2, 'a person learns of both');
});

t.test('a malformed token is named, not shown', (t) => {
  t.throws(() => readConfig({ EXPLORER_TOKEN: 'too short' }), {
    message: /^EXPLORER_TOKEN must be a token of 16/,
  });
  t.end();
});
