import t from 'tap';
import { parseQuery } from '../src/core/query/parse/parse-query.ts';
import type { QuerySource } from '../src/core/query/run/run-query.ts';
import { runQuery } from '../src/core/query/run/run-query.ts';
import { openStore } from '../src/core/store/store.ts';
import { bubbleUp } from '../src/parts/query/server/bubbleup/bubbleup.ts';
import { parseBubbleUp } from '../src/parts/query/server/bubbleup/parse-bubbleup.ts';
import { at, ids, temporaryExplorer } from './explorer.ts';
import type { PlainAttributes, PlainSpan } from './spans.ts';
import { storeSpans, temporaryDirectory, temporaryStore } from './spans.ts';

const id = ids();

/** Three requests: a fast one that stands for ten, and two slow ones, each for itself; with a database under each. */
function requests(rate: number | undefined): PlainSpan[] {
  const request = (
    name: string,
    durationMs: number,
    attributes: PlainAttributes,
    status: 0 | 2 = 0,
  ): PlainSpan[] => {
    const base = { traceId: id(name, 16), start: at(0), status };
    const sql = { 'db.system.name': 'sqlite', 'db.namespace': 'notes', ...attributes };
    return [
      { ...base, service: 'api', spanId: id(`${name} root`), kind: 2, name, durationMs, attributes },
      {
        ...base,
        service: 'users',
        spanId: id(`${name} sql`),
        parentSpanId: id(`${name} root`),
        kind: 2,
        name: 'lookup',
        durationMs: durationMs / 2,
        attributes,
      },
      {
        ...base,
        service: 'api',
        spanId: id(`${name} db`),
        parentSpanId: id(`${name} root`),
        kind: 3,
        name: 'SELECT',
        durationMs: durationMs / 4,
        attributes: sql,
      },
    ];
  };
  const sampled = rate === undefined ? {} : { SampleRate: rate };
  return [
    ...request('GET /fast', 10, { 'user.id': 'ann', ...sampled }),
    ...request('GET /slow', 100, { 'user.id': 'ben' }, 2),
    ...request('GET /slower', 200, { 'user.id': 'ben' }),
  ];
}

const CALCULATIONS = [
  { op: 'COUNT' },
  { op: 'AVG', column: 'duration_ms' },
  { op: 'P50', column: 'duration_ms' },
  { op: 'MAX', column: 'duration_ms' },
  { op: 'COUNT_DISTINCT', column: 'name' },
];

async function roots(store: QuerySource, more: Record<string, unknown> = {}) {
  const filters = [{ column: 'trace.parent_id', op: 'does-not-exist' }];
  const spec = parseQuery({ calculations: CALCULATIONS, filters, ...more });
  const { results, info } = await runQuery(store, '__all__', spec);
  return { ...results[0]?.data, estimated: info.estimated };
}

const PLAIN = {
  COUNT: 3,
  'AVG(duration_ms)': 310 / 3,
  'P50(duration_ms)': 100,
  'MAX(duration_ms)': 200,
  'COUNT_DISTINCT(name)': 3,
  estimated: false,
};
const WEIGHED = {
  ...PLAIN,
  COUNT: 12,
  'AVG(duration_ms)': 400 / 12,
  'P50(duration_ms)': 10,
  estimated: true,
};

/** An explorer with requests of which one stands for ten. */
const { store, get } = await temporaryExplorer(t);
await storeSpans(store, requests(10));

t.test('queries count a sampled event as often as its rate says, but in usage mode', async (t) => {
  t.match(await roots(store), WEIGHED);
  t.match(await roots(store, { usage_mode: true }), PLAIN);
  t.match(await roots(store, { usage_mode: false }), WEIGHED);
  t.match(
    await roots(store, { start_time: 1000, end_time: 2000 }),
    { COUNT: 0, estimated: false },
    'nothing is estimated where nothing was sampled',
  );
  const ofTwo = [{ column: 'duration_ms', op: '>', value: 50 }];
  t.match(
    await roots(store, { filters: ofTwo }),
    { estimated: false },
    'nor where none of the rows that match was',
  );
  t.notOk(store.fields().has('SampleRate'));
  t.notOk(
    [...store.fields().keys()].some((name) => name.includes('sample_rate')),
    'no query can name it',
  );
});

t.test('a store without sample rates is asked nothing more than before', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, requests(undefined));
  t.equal(store.sampleRate(), undefined);
  const statements: string[] = [];
  const watched: QuerySource = {
    fields: () => store.fields(),
    sampleRate: () => store.sampleRate(),
    stats: () => store.stats(),
    read: (...args) => {
      statements.push(args[0]);
      return store.read(...args);
    },
  };
  t.match(await roots(watched), PLAIN);
  t.equal(statements.length, 1);
  t.notMatch(statements[0], /coalesce\(sum|of_all/u);
});

t.test('a store of before there were sample rates takes them, also beyond its columns', async (t) => {
  for (const maxColumns of [2000, 36]) {
    const directory = temporaryDirectory(t);
    const before = await openStore({ directory, maxColumns });
    await storeSpans(before, requests(undefined));
    await before.close();
    const store = await openStore({ directory, maxColumns });
    await storeSpans(store, [
      { name: 'GET /new', start: at(1), durationMs: 1, attributes: { SampleRate: 7 } },
    ]);
    t.match(await roots(store), { COUNT: 10, estimated: true }, `${maxColumns} columns`);
    await store.close();
    const again = await openStore({ directory, maxColumns });
    t.match(await roots(again), { COUNT: 10, estimated: true });
    await again.delete({ all: true });
    t.equal(again.sampleRate(), undefined);
    await again.close();
  }
});

t.test('the overview, the map and the trace list count by sample rates', async (t) => {
  const { body: overview } = await get('/api/overview');
  t.match(overview, {
    estimated: true,
    // Of each trace the root, and the SERVER span of the other service.
    requests: { count: 24, errors: 2 },
    dependencies: [{ name: 'sqlite notes', count: 12, errors: 1, total_ms: 25 + 25 + 50 }],
  });
  const fast = overview.routes.find(({ name }: { name: string }) => name === 'GET /fast');
  t.match(fast, { count: 10, errors: 0, p50_ms: 10 });
  const lookup = overview.routes.find(({ name }: { name: string }) => name === 'lookup');
  t.match(lookup, { count: 12, errors: 1, p50_ms: 5 });
  t.equal(fast.stored, 1);
  t.equal(lookup.stored, 3, 'of the requests one stands for ten, the one that failed does not');
  t.equal(overview.requests.stored, 6);
  const slow = overview.routes.find(({ name }: { name: string }) => name === 'GET /slow');
  t.equal(slow.stored, undefined, 'nothing of the route was sampled');
  const { body: map } = await get('/api/map');
  const storedOf = ({ stored }: { stored?: number }) => stored;
  t.same(map.services.map(storedOf), [3, 3, 3]);
  t.same(map.calls.map(storedOf), [3, 3]);
  t.match(map, {
    estimated: true,
    services: [
      { name: 'api', count: 12, errors: 1, p50_ms: 10 },
      { name: 'users', count: 12, errors: 1, p50_ms: 5 },
      { name: 'sqlite notes', count: 12 },
    ],
    calls: [
      { from: 'api', to: 'users', count: 12, errors: 1, p50_ms: 5 },
      { from: 'api', to: 'sqlite notes', count: 12, errors: 1 },
    ],
  });
  const { body: list } = await get('/api/traces');
  const rates = list.traces.map((trace: { root: { name: string }; sample_rate?: number }) => [
    trace.root.name,
    trace.sample_rate,
  ]);
  t.same(rates.toSorted(), [
    ['GET /fast', 10],
    ['GET /slow', undefined],
    ['GET /slower', undefined],
  ]);
});

t.test('the overview and the map say estimated only of what counts a sampled span', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const sampled = { SampleRate: 10 };
  const failing = { status: 2, statusMessage: 'refused', kind: 2, start: at(0) } as const;
  await storeSpans(store, [
    { ...failing, service: 'api', name: 'GET /', traceId: id('inner', 16), spanId: id('outer') },
    { traceId: id('inner', 16), parentSpanId: id('outer'), start: at(0), attributes: sampled },
  ]);
  const exact = { stored: undefined };
  const { body: before } = await get('/api/overview');
  t.match(before, { estimated: false, requests: exact, routes: [exact] });
  const causes = async () => (await get('/api/causes')).body.causes;
  t.match(await causes(), [{ service: 'api', estimated: undefined }]);
  t.match((await get('/api/map')).body, { estimated: false });
  await storeSpans(store, [{ ...failing, service: 'shop', name: 'GET /cart', attributes: sampled }]);
  const { body: after } = await get('/api/overview');
  t.match(after, { estimated: true, requests: { errors: 11, stored: 2 } });
  t.match(
    Object.groupBy(after.routes, ({ service }: { service: string }) => service),
    {
      api: [{ stored: undefined }],
      shop: [{ stored: 1 }],
    },
  );
  t.match(
    Object.groupBy(await causes(), ({ service }: { service: string }) => service),
    {
      api: [{ estimated: undefined }],
      shop: [{ estimated: true }],
    },
  );
});

t.test('a trace of sampled spans names the number of traces it stands for, as the list does', async (t) => {
  for (const [name, rate] of [
    ['GET /fast', 10],
    ['GET /slow', undefined],
  ] as const) {
    const path = `/api/traces/${id(name, 16)}`;
    t.equal((await get(`${path}/outline`)).body.sample_rate, rate);
  }
});

t.test('BubbleUp counts events, and traces, by sample rates', async (t) => {
  const query = { filters: [{ column: 'trace.parent_id', op: 'does-not-exist' }] };
  const selection = { column: 'duration_ms', min: 50 };
  for (const compare of ['events', 'traces']) {
    const result = await bubbleUp(store, parseBubbleUp({ query, selection, compare }));
    t.match(result, { selection: { events: 2 }, baseline: { events: 10 }, estimated: true }, compare);
    const user = result.fields.find(({ name }) => name === 'user.id');
    t.match(user?.buckets, [
      { value: 'ann', selection: 0, baseline: 10 },
      { value: 'ben', selection: 2, baseline: 0 },
    ]);
    const system = result.fields.find(({ name }) => name === 'db.namespace');
    if (compare === 'traces') t.match(system?.buckets, [{ value: 'notes', selection: 2, baseline: 10 }]);
  }
  const ofTwo = { filters: [{ column: 'duration_ms', op: '>', value: 50 }] };
  const exact = await bubbleUp(
    store,
    parseBubbleUp({ query: ofTwo, selection: { column: 'duration_ms', min: 150 } }),
  );
  t.match(exact, { estimated: false }, 'where none of the events was sampled');
  const unweighed = await bubbleUp(
    store,
    parseBubbleUp({ query: { ...query, usage_mode: true }, selection }),
  );
  t.match(unweighed, { selection: { events: 2 }, baseline: { events: 1 }, estimated: false });
});

t.test('the Honeycomb form of a span has its sample rate', async (t) => {
  const path = `/api/traces/${id('GET /fast', 16)}/spans/${id('GET /fast root')}?form=honeycomb`;
  const { body } = await get(path);
  t.match(body, { event: { samplerate: 10 } });
  t.notMatch(JSON.stringify(body), /SampleRate/u);
});

t.test(
  'percentiles of sampled spans by a field of the root, or beside any span of the trace, are answered',
  async (t) => {
    const store = await temporaryStore(t);
    const SPANS = 500;
    const spans = Array.from({ length: SPANS }, (_, n): PlainSpan => {
      const root = n - (n % 5);
      return {
        traceId: id(`${root}`, 16),
        spanId: id(`${n}`),
        ...(n === root ? { name: `GET /${n % 4}` } : { name: 'step', parentSpanId: id(`${root}`) }),
        start: at(n),
        durationMs: 1 + (n % 97),
        attributes: { SampleRate: 10, size: n % 13, age: n % 17, depth: n % 11 },
      };
    });
    await storeSpans(store, spans);
    const answer = (calculations: readonly object[], more: object) =>
      runQuery(store, '__all__', parseQuery({ calculations, ...more }));
    const byRoot = { breakdowns: ['root.name'] };
    const percentiles = ['P50', 'P90', 'P95', 'P99'].map((op) => ({ op, column: 'duration_ms' }));
    const beside = { filters: [{ column: 'any.name', op: '=', value: 'step' }] };
    for (const more of [byRoot, { ...byRoot, ...beside }]) {
      const together = await answer(percentiles, more);
      t.equal(together.results.length, 4);
      t.equal(together.info.estimated, true);
      for (const each of percentiles) {
        const alone = await answer([each], {
          ...more,
          orders: [{ column: 'root.name', order: 'ascending' }],
        });
        const name = `${each.op}(duration_ms)`;
        const valuesOf = (rows: typeof alone.results) =>
          Object.fromEntries(rows.map(({ data }) => [data['root.name'], data[name]]));
        t.same(valuesOf(together.results), valuesOf(alone.results), name);
        t.same(
          new Set(together.series.map(({ time, data }) => `${time} ${data['root.name']} ${data[name]}`)),
          new Set(alone.series.map(({ time, data }) => `${time} ${data['root.name']} ${data[name]}`)),
        );
      }
    }
    const columns = ['duration_ms', 'size', 'age', 'depth'].flatMap((column) => [
      { op: 'P50', column },
      { op: 'P95', column },
    ]);
    const { results } = await answer(columns, { breakdowns: ['root.name', 'root.service.name'], ...beside });
    t.equal(results.length, 4, 'also eight of four fields');
  },
);
