import type { BadRequest } from '@tandem/service-kit/testing';
import { assertRefused, badRequestsFor, watchAnswers } from '@tandem/service-kit/testing';
import t from 'tap';
import { buildTestApp } from './build-test-app.ts';

const BODY = { handle: 'bayko', message: 'hello', ttl: '1-day' };
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

function get(url: string, status: number, field?: string): BadRequest {
  return request('GET', url, '', status, field);
}

function post(url: string, body: unknown, status: number, field?: string): BadRequest {
  return request('POST', url, JSON.stringify(body), status, field);
}

function request(method: string, url: string, body: string, status: number, field?: string): BadRequest {
  const length = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${url} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n${body === '' ? '' : length}\r\n`;
  const name = `${method} ${url} ${body}`.slice(0, 90);
  return { name, bytes: Buffer.from(head + body), status, ...(field === undefined ? {} : { field }) };
}

const PAGES = [
  '/api/activities/home?',
  '/api/activities/@bayko?',
  '/api/activities/notifications?handle=bayko&',
  '/api/activities/search?term=a&',
];

const BAD_PAGING: readonly (readonly [query: string, field: string])[] = [
  ...['0', '101', '-1', '1.5', 'ten', '', '1e9', 'NaN', 'null', '9'.repeat(400)].map(
    (limit) => [`limit=${limit}`, 'limit'] as const,
  ),
  ['limit=1&limit=2', 'limit'],
  ...[
    '',
    'x',
    '%00',
    'MjAyNi0xMS0yMA',
    Buffer.from(`2030-13-99T99:99:99.999Z ' or 1=1`).toString('base64url'),
  ].map((before) => [`before=${before}`, 'before'] as const),
  [`before=${'a'.repeat(101)}`, 'before'],
];

const OWN = [
  ...PAGES.flatMap((page) => BAD_PAGING.map(([query, field]) => get(page + query, 400, field))),
  get('/api/activities/@nobody', 404, 'handle'),
  get('/api/activities/@BAYKO', 400, 'handle'),
  get('/api/activities/@', 400, 'handle'),
  get('/api/activities/@a%00', 400, 'handle'),
  get('/api/activities/notifications', 400, 'handle'),
  get('/api/activities/notifications?handle=nobody', 404, 'handle'),
  get('/api/activities/notifications?handle=a&handle=b', 400, 'handle'),
  get('/api/activities/search', 400, 'term'),
  get('/api/activities/search?term=', 400, 'term'),
  get('/api/activities/search?term=%00', 400, 'term'),
  get('/api/activities/search?term=a&term=b', 400, 'term'),
  get(`/api/activities/search?term=${'a'.repeat(65)}`, 400, 'term'),
  get(`/api/activities/${UNKNOWN}`, 404, 'uuid'),
  get(`/api/activities/${UNKNOWN.toUpperCase().replace('8000', 'ABCD')}`, 400, 'uuid'),
  get('/api/activities/1', 400, 'uuid'),
  get('/api/activities/__proto__', 400, 'uuid'),
  get('/api/activities', 404),
  get('/api/nothing', 404),
  post('/api/activities', { ...BODY, message: 'x'.repeat(1025) }, 400, 'message'),
  post('/api/activities', { ...BODY, message: ' \n\t ' }, 400, 'message'),
  post('/api/activities', { ...BODY, ttl: '2-days' }, 400, 'ttl'),
  post('/api/activities', { ...BODY, ttl: 'toString' }, 400, 'ttl'),
  post('/api/activities', { ...BODY, handle: 'nobody' }, 422, 'handle'),
  post('/api/activities', { ...BODY, handle: 'Bayko' }, 400, 'handle'),
  post(`/api/activities/${UNKNOWN}/reply`, BODY, 404, 'uuid'),
  post('/api/activities/1/reply', BODY, 400, 'uuid'),
  post(`/api/activities/${UNKNOWN}/reply`, { ...BODY, handle: 'nobody' }, 422, 'handle'),
];

t.test('bad input to every route is refused as a problem that names the field', async (t) => {
  const unforeseen: Error[] = [];
  const app = await buildTestApp({ runtime: { reportError: (error) => void unforeseen.push(error) } });
  t.teardown(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const answers = watchAnswers(app);
  const home = await app.inject('/api/activities/home?limit=1');
  const uuid = home.json().activities[0].uuid;
  const routes = [
    { method: 'GET', url: '/api/activities/home' },
    { method: 'GET', url: '/api/activities/notifications?handle=bayko' },
    { method: 'GET', url: '/api/activities/@bayko' },
    { method: 'GET', url: '/api/activities/search?term=a' },
    { method: 'GET', url: `/api/activities/${uuid}` },
    { method: 'POST', url: '/api/activities', body: BODY },
    { method: 'POST', url: `/api/activities/${uuid}/reply`, body: BODY },
  ] as const;
  for (const route of routes) {
    const good = await app.inject({ ...route, ...('body' in route ? { payload: route.body } : {}) });
    t.ok(good.statusCode < 300, `${route.url} itself is fine`);
    for (const bad of badRequestsFor(route))
      await t.resolves(assertRefused(port, bad), `${route.method} ${route.url}: ${bad.name}`);
  }
  for (const bad of OWN) await t.resolves(assertRefused(port, bad), bad.name);
  t.same(unforeseen, [], 'nothing reached 500');
  t.strictSame(await answers.undocumented(), [], 'the document has every answer');
});
