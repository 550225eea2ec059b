import t from 'tap';
import { at } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans, temporaryStore } from '../../../../spans.ts';
import { storedFindings } from '../../findings/stored-findings.ts';

/** What a request calls: its spans, so many milliseconds after it began. */
type Calls = readonly (Partial<PlainSpan> & { readonly after: number })[];

interface Shape {
  readonly path?: string | undefined;
  readonly query?: string;
  readonly method?: string;
  readonly status?: number;
  readonly instance?: string;
}

/** A request that begins at a millisecond and ends 5 ms after its last call. */
function request(begin: number, calls: Calls, asked: Shape = {}): PlainSpan[] {
  const { query, method = 'GET', status = 200, instance = 'a' } = asked;
  const path = 'path' in asked ? asked.path : '/top/7';
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const of = { traceId, service: 'shop', resource: { 'service.instance.id': instance } };
  const ends = calls.map(({ after, durationMs = 0 }) => after + durationMs);
  const attributes = {
    'http.request.method': method,
    ...(path !== undefined && { 'url.path': path }),
    'http.response.status_code': status,
    ...(query !== undefined && { 'url.query': query }),
  };
  return [
    {
      ...of,
      spanId,
      name: `${method} /top/:id`,
      kind: 2,
      start: at(begin),
      durationMs: Math.max(2, ...ends) + 5,
      attributes,
    },
    ...calls.map(({ after, ...call }) => ({
      ...of,
      parentSpanId: spanId,
      kind: 3,
      start: at(begin + after),
      ...call,
    })),
  ];
}

const select = (text: string, durationMs = 200, after = 4) => ({
  after,
  durationMs,
  name: 'SELECT',
  attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'db.query.text': text },
});
const look = (key: string) => ({
  after: 1,
  durationMs: 1,
  name: 'GET',
  attributes: { 'db.system.name': 'redis', 'db.query.text': `get ${key}` },
});
const http = (url: string) => ({ after: 4, durationMs: 200, name: 'GET', attributes: { 'url.full': url } });

const PLAIN = select('SELECT region, sum(total) FROM orders GROUP BY region');
const ONE = select('SELECT * FROM orders WHERE id = $1');

/** So many requests, each so many milliseconds after the one before. */
const series = (
  count: number,
  from: number,
  step: number,
  make: (begin: number, nth: number) => PlainSpan[],
) => Array.from({ length: count }, (_, nth) => make(from + step * nth, nth)).flat();

/** Five requests at once that make calls, and five after them that have their answer. */
const burst = (calls: Calls, asked: Shape = {}, looks: Calls = [], from = 0) => [
  ...series(5, from, 10, (begin) => request(begin, calls, asked)),
  ...series(5, from + 400, 10, (begin) => request(begin, looks, asked)),
];

async function told(spans: readonly PlainSpan[]): Promise<string[]> {
  const store = await temporaryStore(t);
  await storeSpans(store, spans);
  const findings = [...(await storedFindings(store)).values()].flat();
  return findings.filter(({ rule }) => rule === 'same-call-at-once').map(({ sentence }) => sentence);
}

t.test(
  'a call that requests of one path made at once, and the next ones had its answer, is told',
  async (t) => {
    const said = (call: string) =>
      `5 requests of GET /top/:id at once each called ${call} of shop with the same arguments, for 1.00 s together; the 5 requests after them needed no call`;
    t.same(await told(burst([PLAIN])), Array(5).fill(said('SELECT orders')), 'a statement without values');
    const kept = burst([look('orders:7'), ONE], {}, [look('orders:7')]);
    t.same(await told(kept), Array(5).fill(said('SELECT orders')), 'after a look for one key');
    const url = 'http://prices:80/orders/7';
    t.same(
      await told(burst([http(url)])),
      Array(5).fill(said('GET prices:80/orders/7')),
      'a URL of one thing',
    );
    const named = { ...http(url), name: 'GET /orders/:id' };
    t.same(await told(burst([named])), Array(5).fill(said('GET /orders/:id')), 'the same by its route');
    const later = [
      ...series(5, 0, 10, (begin) => request(begin, [{ ...PLAIN, after: 3000 }])),
      ...series(5, 3600, 10, (begin) => request(begin, [])),
    ];
    t.same(await told(later), Array(5).fill(said('SELECT orders')), 'long after the request began');
    const twice = [...burst([PLAIN]), ...burst([PLAIN], {}, [], 5000)];
    t.equal((await told(twice)).length, 10, 'again when the answer was not kept any longer');
  },
);

t.test('nothing is told in doubt', async (t) => {
  const asks = (begin: number) => request(begin, [PLAIN]);
  const silent: Record<string, PlainSpan[]> = {
    'an app that keeps nothing': series(60, 0, 10, asks),
    'such an app, asked in waves': series(6, 0, 1000, (from) => series(5, from, 10, asks)),
    'four at once': [...series(4, 0, 10, asks), ...series(9, 400, 10, (begin) => request(begin, []))],
    'four after them': [...series(9, 0, 10, asks), ...series(4, 400, 10, (begin) => request(begin, []))],
    'one after the other': [
      ...series(5, 0, 250, asks),
      ...series(9, 2000, 10, (begin) => request(begin, [])),
    ],
    'another one asked when the first had its answer': [
      ...series(5, 0, 10, asks),
      ...asks(220),
      ...series(9, 600, 10, (begin) => request(begin, [])),
    ],
    'one at once that did not ask': [
      ...series(3, 0, 10, asks),
      ...request(35, []),
      ...series(4, 40, 10, asks),
      ...series(9, 600, 10, (begin) => request(begin, [])),
    ],
    'as many that ask as that do not': series(60, 0, 10, (begin, nth) =>
      request(begin, nth % 2 === 0 ? [PLAIN] : []),
    ),
    'a statement whose values nobody knows': burst([ONE]),
    'each looks for another key': [
      ...series(5, 0, 10, (begin, nth) => request(begin, [look(`orders:${nth}`), ONE])),
      ...series(9, 400, 10, (begin) => request(begin, [look('orders:0')])),
    ],
    'a URL whose answer may be of who asks': burst([http('http://prices:80/v1/me')]),
    'other URLs': [
      ...series(5, 0, 10, (begin, nth) => request(begin, [http(`http://prices:80/orders/${nth}`)])),
      ...series(9, 400, 10, (begin) => request(begin, [])),
    ],
    'each of another path': [
      ...series(5, 0, 10, (begin, nth) => request(begin, [PLAIN], { path: `/top/${nth}` })),
      ...series(5, 400, 10, (begin, nth) => request(begin, [], { path: `/top/${nth}` })),
    ],
    'each with another query': [
      ...series(5, 0, 10, (begin, nth) => request(begin, [PLAIN], { query: `page=${nth}` })),
      ...series(5, 400, 10, (begin, nth) => request(begin, [], { query: `page=${nth}` })),
    ],
    'each of another process': [
      ...series(5, 0, 10, (begin, nth) => request(begin, [PLAIN], { instance: String(nth) })),
      ...series(5, 400, 10, (begin, nth) => request(begin, [], { instance: String(nth) })),
    ],
    'the next ones were not modified': [
      ...series(5, 0, 10, asks),
      ...series(5, 400, 10, (begin) => request(begin, [], { status: 304 })),
    ],
    'requests that may change something': burst([PLAIN], { method: 'POST' }),
    'two calls of each request': [
      ...series(5, 0, 10, (begin) => request(begin, [PLAIN, { ...PLAIN, after: 210 }])),
      ...series(5, 600, 10, (begin) => request(begin, [])),
    ],
    'the next ones had it before the first answer': [
      ...series(5, 0, 10, asks),
      ...series(5, 60, 10, (begin) => request(begin, [])),
    ],
    'no path is known': burst([PLAIN], { path: undefined }),
    'most of them quick': [
      ...series(5, 0, 1, (begin, nth) =>
        request(begin, [select(String(PLAIN.attributes['db.query.text']), nth === 0 ? 200 : 9)]),
      ),
      ...series(5, 400, 10, (begin) => request(begin, [])),
    ],
    quick: burst([select('SELECT region FROM orders', 40)]),
  };
  for (const [name, spans] of Object.entries(silent)) t.same(await told(spans), [], name);
});
