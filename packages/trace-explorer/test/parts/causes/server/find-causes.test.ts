import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import type { Cause } from '../../../../src/core/problems/schemas.ts';
import { causesOf } from '../../../../src/core/problems/tally.ts';
import type { TraceOutline } from '../../../../src/core/traces/model/outline.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { plantedShop } from '../../../core/problems/shop.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans } from '../../../spans.ts';

// At night too: with a thousand requests and 200,000 different errors.

/** What was planted, as a cause's rule and place. */
const PLACES: Readonly<Record<string, string>> = {
  'order not found': 'error billing load order',
  'file missing': 'error catalog read picture',
  'slow ledger': 'slow-call billing SELECT ledger',
  loop: 'repeated-call cart SELECT items',
  'mail refused': 'error users POST /send',
  twice: 'same-call-twice search GET /terms',
  'one after the other': 'sequential-calls web price basket',
  'tried again': 'error ads POST /bid',
};

/** Requests by day: each planted cause has some. */
const REQUESTS = IS_NIGHT ? 1000 : 210;
/** Errors that have nothing in common. */
const ERRORS = IS_NIGHT ? 200_000 : 20_000;
const TIMEOUT_MS = 600_000;

t.setTimeout(TIMEOUT_MS);

t.test('eight planted causes are eight causes, with their counts, routes and first times', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const begin = BigInt(Math.floor(Date.now() / 1000) - 1200) * 1_000_000_000n;
  const { spans, planted } = plantedShop(begin, REQUESTS);
  await storeSpans(store, spans);
  const { body } = await get('/api/causes?seconds=20');
  t.match(body, { looked: REQUESTS, of: REQUESTS, compared: false, more: 0 });
  const causes: readonly Cause[] = body.causes;
  const found = new Map(causes.map((cause) => [placeOf(cause), cause]));
  for (const [name, { traces, first, routes }] of planted) {
    const cause = found.get(PLACES[name] ?? '');
    t.equal(cause?.traces, traces, `${name}: traces`);
    t.same(new Set(cause?.routes.map((route) => route.name)), routes, `${name}: routes`);
    t.equal(Date.parse(cause?.first ?? ''), Number(first / 1_000_000n), `${name}: first`);
    t.equal(cause?.of, REQUESTS);
  }
  t.equal(causes.length, planted.size);
});

function placeOf({ rule, service, name }: Cause): string {
  return `${rule} ${service} ${name}`;
}

t.test('traces in memory have the causes that stored ones have', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const { spans, planted } = plantedShop(at(-1_000_000), IS_NIGHT ? 130 : 40);
  await storeSpans(store, spans);
  const stored: readonly Cause[] = (await get('/api/causes?seconds=20')).body.causes;
  const ids = [...new Set(spans.flatMap(({ traceId }) => traceId ?? []))];
  const outlines: TraceOutline[] = [];
  for (const id of ids) outlines.push((await get(`/api/traces/${id}/outline`)).body);
  const causes = causesOf(outlines.map((outline) => buildModel(outline)));
  t.equal(causes.length, planted.size);
  const figures = ({ id, sentence, traces, failed, first, last, routes_total }: Cause) => {
    return { id, sentence, traces, failed, first, last, routes_total };
  };
  const byId = (a: Cause, b: Cause) => (a.id < b.id ? -1 : 1);
  t.same(causes.toSorted(byId).map(figures), stored.toSorted(byId).map(figures));
});

t.test('a cause and its list are of the inspection that told of it', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  await storeSpans(store, plantedShop(at(-1_000_000), 130).spans);
  let statements = 0;
  const read = store.read.bind(store);
  store.read = (...args) => {
    statements++;
    return read(...args);
  };
  const { causes } = (await get('/api/causes?seconds=20')).body as { causes: readonly Cause[] };
  const whole = statements;
  const cause = causes.find(({ rule }) => rule === 'repeated-call');
  t.equal(cause?.counted, 'looked');
  const path = `/api/causes/${encodeURIComponent(cause?.id ?? '')}`;
  const after = async (ask: () => Promise<unknown>) => {
    statements = 0;
    await ask();
    return statements;
  };
  const opens = async (range: string) => t.same((await get(`${path}?seconds=20${range}`)).body.cause, cause);
  const lists = async (range: string) => {
    const { traces } = (await get(`${path}/traces?seconds=20&limit=100${range}`)).body;
    t.equal(traces.length, cause?.traces);
  };
  t.ok((await after(() => opens(''))) <= 4, `${statements} statements of ${whole}`);
  t.ok((await after(() => lists(''))) <= 4, `${statements} statements of ${whole}`);
  const known = { method: 'PUT', url: `${path}/known?seconds=20` } as const;
  t.equal(await after(() => app.inject(known)), 0, 'what is hidden is the cause that was told');
  t.ok((await after(() => lists('&time_range=7200'))) > 5, 'another range is inspected');
  t.ok((await after(() => lists('&time_range=7200'))) <= 3, 'once');
  t.ok((await after(() => get('/api/causes?seconds=20'))) > 5, 'the list of causes is always of now');
});

t.test('the spans of traces say how many are looked at, and no clock', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const trace = (spans: number, ms: number) => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const own = { traceId, service: 'shop', start: at(ms), durationMs: 1 };
    const below = Array.from({ length: spans - 1 }, () => ({ ...own, parentSpanId: spanId, name: 'step' }));
    return [{ ...own, spanId, name: 'GET /', kind: 2 }, ...below];
  };
  const small = 600;
  await storeSpans(store, Array.from({ length: small }, (_, i) => trace(10, -i)).flat());
  // The largest traces of a route are among the first: one that no list reads, and one that costs as much as 300 others.
  await storeSpans(store, trace(20_001, 0));
  await storeSpans(store, trace(3000, 0));
  for (const [seconds, looked] of [
    [0.1, 200],
    [0.25, 500],
    [1, small + 1],
  ] as const) {
    const { body } = await get(`/api/causes?seconds=${seconds}`);
    t.match(body, { looked, of: small + 2 }, `${seconds} seconds`);
  }
});

t.test('an error and a slow call in 5 of 5,000 traces are found, and counted exactly', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const spans = Array.from({ length: 5000 }, (_, i) => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    // Other traces of the route are longer, and larger.
    const root = {
      traceId,
      spanId,
      service: 'shop',
      name: 'GET /',
      kind: 2,
      start: at(i),
      durationMs: i % 7 === 0 ? 900 : 400,
    };
    const below = { traceId, parentSpanId: spanId, service: 'shop', start: at(i + 1) };
    const failed = { status: 2 as const, statusMessage: `row ${i} is locked` };
    return [
      root,
      { ...below, name: 'render', durationMs: 1 },
      ...(i % 1000 === 333 ? [{ ...below, name: 'SELECT rows', kind: 3, durationMs: 2, ...failed }] : []),
      ...(i % 1000 === 777 ? [{ ...below, name: 'SELECT stock', kind: 3, durationMs: 350 }] : []),
      ...(i % 7 === 0
        ? [
            { ...below, name: 'draw', durationMs: 1 },
            { ...below, name: 'send', durationMs: 2 },
          ]
        : []),
    ];
  });
  await storeSpans(store, spans.flat());
  const { body } = await get('/api/causes?seconds=0.1');
  t.ok(body.looked < 5000, `${body.looked} were looked at`);
  const rare = body.causes.filter((cause: Cause) => cause.counted === 'all');
  t.match(
    rare.map(({ rule, name, traces, of, message = '' }: Cause) => [rule, name, traces, of, message]),
    new Set([
      ['slow-call', 'SELECT stock', 5, 5000, ''],
      ['error', 'SELECT rows', 5, 5000, 'row … is locked'],
    ]),
  );
});

t.test(
  'thousands of different errors are counted, each on a route of its own, and the most frequent shown',
  async (t) => {
    t.setTimeout(TIMEOUT_MS);
    const { store, get } = await temporaryExplorer(t);
    const frequent = 200;
    const all = ERRORS + 2 * frequent;
    const trace = (i: number) => {
      const [traceId, spanId] = [randomId(16), randomId(8)];
      // Each of the first ones is in three traces. A shape of a message would have no digits.
      const error = String(i < ERRORS ? i : i % frequent).replaceAll(
        /\d/g,
        (digit) => 'abcdefghij'[Number(digit)] ?? '',
      );
      const own = { traceId, service: 'shop', start: at(-500_000 + (400_000 * i) / all), status: 2 as const };
      const below = {
        parentSpanId: spanId,
        name: `load ${error}`,
        kind: 3,
        statusMessage: `no row ${error}`,
      };
      return [
        { ...own, spanId, name: `GET /${error}`, kind: 2 },
        { ...own, ...below },
      ];
    };
    for (let first = 0; first < all; first += 2000) {
      const count = Math.min(2000, all - first);
      await storeSpans(store, Array.from({ length: count }, (_, i) => trace(first + i)).flat());
    }
    const { status, body } = await get('/api/causes?seconds=0.1');
    t.equal(status, 200);
    t.equal(body.of, all);
    const causes: readonly Cause[] = body.causes;
    t.equal(new Set(causes.map(({ message }) => message)).size, frequent);
    const figures = new Set(
      causes.map(({ traces, failed, routes_total }) => [traces, failed, routes_total].join()),
    );
    t.same([...figures], ['3,3,1']);
  },
);

t.test(
  'calls that a queue made for requests that waited for them are a cause, a timer’s calls are none',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const span = (service: string, kind: number, ms: number, durationMs: number) => ({
      ...{ traceId: randomId(16), spanId: randomId(8), service, kind, name: 'POST' },
      ...{ start: at(ms), durationMs },
    });
    const times = Array.from({ length: 8 }, (_, i) => -500_000 + 1000 * i);
    await storeSpans(store, [
      ...times.flatMap((ms) => [span('queue', 2, ms, 70), span('queue', 3, ms + 4, 60)]),
      // Requests that wait for something else, such as an event, and a timer's calls meanwhile: one ends just before a request.
      ...times.flatMap((ms, i) => [
        span('timer', 2, ms, 900),
        span('timer', 3, ms + (i === 0 ? 830 : 300), 60),
      ]),
      // A timer's calls while nobody asks.
      ...times.flatMap((ms) => [span('idle', 2, ms, 70), span('idle', 3, ms + 500, 60)]),
    ]);
    const { causes } = (await get('/api/causes')).body as { causes: readonly Cause[] };
    const lost = causes.filter(({ rule }) => rule === 'lost-context');
    t.match(lost, [{ service: 'queue', traces: 8, sentence: /context is lost/ }]);
    t.equal(lost.length, 1);
  },
);

t.test('nothing is called new where nothing ran in the time before', async (t) => {
  const request = (ms: number, more: object = {}) => ({
    ...{ traceId: randomId(16), spanId: randomId(8), service: 'shop', name: 'GET /', kind: 2 },
    ...{ start: at(ms), durationMs: 5, ...more },
  });
  const failed = { status: 2 as const, statusMessage: 'no row' };
  const end = Number(at(0) / 1_000_000_000n);
  for (const [what, before, expected] of [
    ['nothing', [], { compared: false, new: undefined }],
    ['a request without the fault', [request(-800_000)], { compared: true, new: true }],
  ] as const) {
    const { store, get } = await temporaryExplorer(t);
    await storeSpans(store, [request(-2_000_000), ...before, request(-100_000, failed)]);
    const { body } = await get(`/api/causes?start_time=${end - 550}&end_time=${end}`);
    const { compared, causes } = body as { compared: boolean; causes: readonly Cause[] };
    t.match(causes, [{ rule: 'error' }]);
    t.same({ compared, new: causes[0]?.new }, expected, what);
  }
});

t.test('a cause says of how many traces it is, and beside it how many these stand for', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const [sampled, kept] = [{ SampleRate: 10 }, {}];
  await storeSpans(store, [
    ...Array.from({ length: 8 }, () => ({ service: 'shop', name: 'GET /', kind: 2, attributes: sampled })),
    { service: 'shop', name: 'POST /', kind: 2, attributes: kept, status: 2, statusMessage: 'no row' },
    { service: 'jobs', name: 'step', kind: 3, parentSpanId: randomId(8), attributes: kept },
  ]);
  const { body } = await get('/api/causes?seconds=20');
  t.equal(body.of, 10);
  for (const [rule, counted] of [
    ['error', 'all'],
    ['torn-trace', 'looked'],
  ] as const) {
    const cause = body.causes.find((each: Cause) => each.rule === rule);
    t.match(cause, { counted, traces: 1, of: 10, of_estimated: 82 }, rule);
  }
});

t.test('the usual share of an error is known also where hundreds of others failed more', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const end = Number(at(0) / 1_000_000_000n);
  const request = (ms: number, fault?: string) => ({
    ...{ service: 'shop', kind: 2, start: at(ms), durationMs: 5 },
    name: fault === undefined ? 'GET /' : `GET /${fault}`,
    ...(fault !== undefined && { status: 2 as const, statusMessage: 'no row' }),
  });
  const letters = (i: number) => String.fromCharCode(97 + Math.floor(i / 26), 97 + (i % 26));
  await storeSpans(
    store,
    [
      ...Array.from({ length: 300 }, (_, i) => [
        request(-900_000, letters(i)),
        request(-900_000, letters(i)),
      ]),
      request(-1_190_000),
      request(-900_000, 'cart'),
      ...Array.from({ length: 199 }, () => request(-900_000)),
      ...Array.from({ length: 4 }, () => request(-100_000, 'cart')),
      ...Array.from({ length: 996 }, () => request(-100_000)),
    ].flat(),
  );
  const { body } = await get(`/api/causes?start_time=${end - 590}&end_time=${end}`);
  t.match(body.causes, [{ rule: 'error', failed: 4, of: 1000, usual: 1 / 800 }]);
});

/** Traces of one route whose loop asks for so many rows; one span a row. */
function withLoop(start: (i: number) => bigint, traces: number, hasLoop: (i: number) => boolean) {
  return Array.from({ length: traces }, (_, i) => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const root = {
      traceId,
      spanId,
      service: 'shop',
      name: 'GET /cart',
      kind: 2,
      start: start(i),
      durationMs: 60,
    };
    const rows = Array.from({ length: hasLoop(i) ? 12 : 1 }, (_, row) => {
      const at = start(i) + BigInt(1_000_000 * (1 + 4 * row));
      const below = { traceId, parentSpanId: spanId, service: 'shop', kind: 3, start: at, durationMs: 3 };
      return { ...below, name: 'SELECT items', attributes: { 'db.system.name': 'postgresql' } };
    });
    return [root, ...rows];
  }).flat();
}

t.test(
  'a cause that only whole traces show is new when traces of the time before would have had it',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const end = Number(at(0) / 1_000_000_000n);
    const before = (i: number) => at(-1_110_000 + 5000 * i);
    const now = (i: number) => at(-545_000 + 5000 * i);
    await storeSpans(store, [
      ...withLoop(before, 100, () => false),
      ...withLoop(now, 100, (i) => i % 4 === 0),
    ]);
    const ask = async (seconds: number) => {
      const { body } = await get(`/api/causes?start_time=${end - seconds}&end_time=${end}`);
      const [loop] = body.causes.filter(({ rule }: Cause) => rule === 'repeated-call');
      return { loop, body };
    };
    const { loop, body } = await ask(550);
    t.match(body, { compared: true, looked: 100, looked_before: 98 });
    t.match(loop, { counted: 'looked', traces: 25, of: 100, new: true });
    t.equal(
      (await ask(700)).loop.new,
      undefined,
      'where the time before is not stored, nothing is called new',
    );

    const rare = await temporaryExplorer(t);
    await storeSpans(rare.store, [
      ...withLoop(before, 100, () => false),
      ...withLoop(now, 100, (i) => i % 30 === 0),
    ]);
    const few = (await rare.get(`/api/causes?start_time=${end - 550}&end_time=${end}`)).body.causes;
    t.match(few, [{ rule: 'repeated-call', traces: 4 }]);
    t.equal(few[0].new, undefined, 'four in a hundred may be missed by chance');

    const old = await temporaryExplorer(t);
    await storeSpans(old.store, [
      ...withLoop(before, 100, (i) => i === 50),
      ...withLoop(now, 100, (i) => i % 4 === 0),
    ]);
    const known = (await old.get(`/api/causes?start_time=${end - 550}&end_time=${end}`)).body.causes;
    t.match(known, [{ rule: 'repeated-call', traces: 25 }]);
    t.equal(known[0].new, undefined, 'one trace of the time before has it');
  },
);

t.test('a list of rows has what a row shows of the first causes, and how many there are', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const failing = (route: number) => ({
    service: 'shop',
    name: `GET /${'abcdefghijklmnopqrstuvwxyz'[route]}`,
    kind: 2,
    status: 2 as const,
    durationMs: 5,
    statusMessage: 'refused',
  });
  await storeSpans(
    store,
    Array.from({ length: 25 }, (_, route) => failing(route)),
  );
  const whole = (await get('/api/causes')).body;
  const { body } = await get('/api/causes?rows=20');
  t.match(body, { problems: 25, more: 5, looked: whole.looked });
  t.same(
    body.causes.map(({ id }: { id: string }) => id),
    whole.causes.slice(0, 20).map(({ id }: { id: string }) => id),
    'in the order of the whole list',
  );
  for (const name of ['routes', 'versions', 'message', 'advice', 'last'])
    t.notOk(name in body.causes[0], `${name} comes with the cause`);
  t.match(body.causes[0], { service: 'shop', counts: { count: 1 } });
  t.equal((await get('/api/causes?rows=200')).body.causes.length, 25);
});

t.test(
  'one service with many problems does not hide those of the others in the first seven rows',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const letters = [...'abcdefgh'];
    const failing = (service: string, route: string, count: number) =>
      Array.from({ length: count }, () => ({
        ...{ service, name: `GET /${route}`, kind: 2, durationMs: 5 },
        ...{ status: 2 as const, statusMessage: 'refused' },
      }));
    await storeSpans(store, [
      ...letters.flatMap((letter) => failing('pay', letter, 5)),
      ...letters.slice(0, 5).flatMap((letter) => failing(letter, letter, 1)),
    ]);
    const { body } = await get('/api/causes?rows=20');
    const services = body.causes.map(({ service }: { service: string }) => service);
    t.same(services.slice(0, 7).filter((service: string) => service === 'pay').length, 2);
    t.equal(new Set(services.slice(0, 7)).size, 6);
    t.same(services.slice(7), Array(6).fill('pay'), 'the others follow');
    t.same(
      body.causes.flatMap(({ more_of_service }: { more_of_service?: number }) => more_of_service ?? []),
      [6],
      'and the second one says how many',
    );
    const own = (await get('/api/causes?rows=20&at=pay')).body;
    t.ok(
      own.causes.every((cause: object) => !('more_of_service' in cause)),
      'not in the list of one service',
    );
  },
);
