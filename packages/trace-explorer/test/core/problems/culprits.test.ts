import t from 'tap';
import { saidOf } from '../../../src/core/problems/said.ts';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { at, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId, storeSpans } from '../../spans.ts';

let clock = 0;

/** A request of 320 ms whose process stood still for 300 ms of it, as telemetry tells it. @param more of the stall's event */
function request(name: string, path = '', more: object = {}, service = 'shop'): PlainSpan {
  clock += 1000;
  const stall = { 'tandem.stall.kind': 'ran', 'tandem.stall.duration_ms': 300, ...more };
  return {
    ...{ traceId: randomId(16), spanId: randomId(8), service, name, kind: 2 },
    ...{ start: at(clock), durationMs: 320 },
    attributes: { 'tandem.stalled_ms': 300, 'url.path': path, 'http.request.method': 'POST' },
    events: [{ name: 'stall', time: at(clock + 10), attributes: stall }],
  };
}
const waitsFor = (name: string, path?: string) => ({
  'tandem.stall.request': name,
  ...(path !== undefined && { 'tandem.stall.request_path': path }),
});

async function causesOf(spans: readonly PlainSpan[]) {
  const { store, get, trace } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  const read = async () => ((await get('/api/causes')).body as { causes: Cause[] }).causes;
  return { causes: await read(), get, trace };
}

const times = <T>(count: number, make: (nth: number) => T): T[] =>
  Array.from({ length: count }, (_, nth) => make(nth));

t.test('requests that waited for another one belong to its cause, which says how many', async (t) => {
  const spans = [
    ...times(2, () => request('POST /login', '/login')),
    ...times(18, (nth) => request('GET /me/:id', `/me/${nth}`, waitsFor('POST /login'))),
  ];
  const { causes, get, trace } = await causesOf(spans);
  const [cause, ...others] = causes;
  t.same(
    others.map((each) => saidOf(each)),
    [],
  );
  const stood = 'shop stood still for 300 ms of the 320 ms of POST /login: its own code ran';
  t.match(cause, {
    ...{ rule: 'stood-still', name: 'POST /login', counts: { unit: 'request', count: 20, of: 20 } },
    sentence: 'The process stands still during POST /login of shop',
    example: `${stood}; 18 GET /me/:id waited for it`,
  });
  t.equal(cause?.lost_ms, 20 * 300);
  t.same(new Set(cause?.routes.map(({ name }) => name)), new Set(['POST /login', 'GET /me/:id']));
  const page = (await get(`/api/causes/${cause?.id}`)).body as { cause: Cause };
  t.equal(saidOf(page.cause), `${stood}; 18 GET /me/:id waited for it`);
  t.match((await trace(String(spans.at(-1)?.traceId))).findings, [
    {
      sentence: 'shop stood still for 300 ms of the 320 ms of GET /me/:id: its own code ran, for POST /login',
    },
  ]);
});

t.test('of servers without routes, by their paths; of several routes, their number', async (t) => {
  const login = waitsFor('POST', '/users/:id/login');
  const { causes } = await causesOf([
    request('POST', '/users/7/login'),
    ...times(2, () => request('GET', '/me', login)),
    request('GET', '/orders/9', login),
  ]);
  t.same(
    causes.map((cause) => [cause.counts?.count, saidOf(cause)]),
    [
      [
        4,
        'shop stood still for 300 ms of the 320 ms of POST /users/:id/login: its own code ran; 3 other requests waited for it',
      ],
    ],
  );
});

t.test('where the culprit was not seen, a request that waited says for which one', async (t) => {
  const { causes } = await causesOf(times(3, () => request('GET /me', '/me', waitsFor('POST /login'))));
  t.same(
    causes.map((each) => saidOf(each)),
    ['shop stood still for 300 ms of the 320 ms of GET /me: its own code ran, for POST /login'],
  );
});

t.test('requests keep their own cause where the other one is unknown, or of another service', async (t) => {
  const { causes } = await causesOf([
    request('POST /login', '/login'),
    request('GET /a', '/a', { 'tandem.stall.beside': 'POST /login' }),
    request('GET', '/b', waitsFor('POST')),
    request('GET /c', '/c', waitsFor('POST /login'), 'users'),
  ]);
  t.same(causes.map(({ service, name, counts }) => `${service} ${name}: ${counts?.count}`).sort(), [
    'shop GET /a: 1',
    'shop GET: 1',
    'shop POST /login: 1',
    'users POST /login: 1',
  ]);
});
