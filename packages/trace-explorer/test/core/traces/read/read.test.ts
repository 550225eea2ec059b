import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { Failure } from '../../../../src/core/failures.ts';
import { rowsAt } from '../../../../src/core/store/read/rows-at.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { readSummaries } from '../../../../src/core/traces/list/summaries.ts';
import { readServiceMap } from '../../../../src/parts/map/server/read-map.ts';
import { readOverview } from '../../../../src/parts/overview/server/read-overview.ts';
import { at } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';

t.test('rows are read by their places, near ones together and far ones apart', async (t) => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  t.teardown(() => {
    connection.closeSync();
    instance.closeSync();
  });
  await connection.run('CREATE TABLE spans AS SELECT i * 2 AS _seq, i AS value FROM range(10000) t(i)');
  const read = async (sequences: readonly number[]) => {
    const { value } = (
      await connection.runAndReadAll(`SELECT value FROM ${rowsAt(sequences)} ORDER BY value`)
    ).getColumnsObjectJS();
    return value?.map(Number) ?? [];
  };
  t.same(await read([]), []);
  t.same(await read([12]), [6]);
  t.same(await read([18_000, 10, 2, 10, 4000, 2050]), [1, 5, 1025, 2000, 9000], 'in any order, each once');
  t.same(await read([4, 5, 8, 30_000]), [2, 4], 'places without a row have none');
  t.equal(rowsAt([10, 2, 9000]).match(/BETWEEN/g)?.length, 2);
});

const TRACES = 400;
const LIMITS = { most: 400, sample: 400 };
const RANGE = { start: at(-1000), end: at(TRACES + 1000) };

/** Four spans of two services and a database. Ids are the same in each run, and so are the traces that are taken. */
function requestOf(n: number): PlainSpan[] {
  const base = {
    traceId: (n + 1).toString(16).padStart(32, '0'),
    start: at(n),
    durationMs: 10,
    status: n % 4 === 0 ? (2 as const) : (0 as const),
  };
  const idOf = (place: number) => (4 * n + place).toString(16).padStart(16, 'a');
  const attributes = { 'db.system.name': 'sqlite', 'db.namespace': 'users' };
  return [
    { ...base, name: 'GET', service: 'api', spanId: idOf(0), kind: 2 },
    { ...base, name: 'call', service: 'api', spanId: idOf(1), parentSpanId: idOf(0), kind: 3 },
    {
      ...base,
      name: 'lookup',
      service: 'users',
      spanId: idOf(2),
      parentSpanId: idOf(1),
      kind: 2,
      durationMs: 5,
    },
    {
      ...base,
      name: 'SELECT',
      service: 'users',
      spanId: idOf(3),
      parentSpanId: idOf(2),
      kind: 3,
      attributes,
    },
  ];
}

async function storeOfRequests(t: Parameters<typeof temporaryStore>[0]): Promise<SpanStore> {
  const spans = Array.from({ length: TRACES }, (_, n) => requestOf(n)).flat();
  const store = await temporaryStore(t);
  // A prime: spans of a trace lie apart.
  await storeSpans(
    store,
    spans.map((_, i) => spans[(i * 7919) % spans.length] as PlainSpan),
  );
  return store;
}

t.test(
  'where spans are many, calls and dependencies are those of whole traces, times how many there are',
  async (t) => {
    const store = await storeOfRequests(t);
    const [exact, shared] = [
      await readServiceMap(store, RANGE),
      await readServiceMap(store, RANGE, { share: LIMITS }),
    ];
    t.equal(exact.one_trace_in, undefined);
    t.equal(shared.one_trace_in, 4);
    t.same(shared.services, exact.services, 'services and databases are all counted');
    t.same(
      shared.calls.map(({ from, to }) => [from, to]),
      exact.calls.map(({ from, to }) => [from, to]),
    );
    const [call] = shared.calls;
    t.ok(near(call?.count, TRACES) && near(call?.errors, TRACES / 4), `${call?.count}, ${call?.errors}`);
    t.equal(call?.p99_ms, 5);
    t.same(shared.calls[1], exact.calls[1], 'what a database is called is known from the caller alone');

    const [whole, part] = [
      await readOverview(store, RANGE),
      await readOverview(store, RANGE, { share: LIMITS }),
    ];
    t.equal(part.one_trace_in, 4);
    t.same({ ...part.requests, routes: part.routes }, { ...whole.requests, routes: whole.routes });
    t.same(
      part.dependencies.map(({ name }) => name),
      ['sqlite users'],
      'a call whose other side is in the trace is no dependency',
    );
    t.ok(near(part.dependencies[0]?.count, TRACES) && near(part.dependencies[0]?.total_ms, TRACES * 10));
    const none = await readServiceMap(store, { start: 0n, end: 1_000_000_000n }, { share: LIMITS });
    t.equal(none.one_trace_in, undefined, 'few spans in the range are all read');
  },
);

t.test('a view that needs more memory than there is says so', async (t) => {
  const store = await storeOfRequests(t);
  const small = new Proxy(store, {
    get: (of, name) => (name === 'read' ? readWithoutMemory : Reflect.get(of, name).bind(of)),
  });
  const readWithoutMemory: SpanStore['read'] = (sql, ...rest) =>
    sql.includes(' AS parent,') ? Promise.reject(new Failure('QUERY_TOO_LARGE')) : store.read(sql, ...rest);
  await t.rejects(readServiceMap(small, RANGE), { code: 'QUERY_TOO_LARGE' });
  await t.rejects(readOverview(small, RANGE), { code: 'QUERY_TOO_LARGE' });
});

function near(value: number | undefined, expected: number): boolean {
  return Math.abs((value ?? 0) - expected) <= expected * 0.3;
}

const SERVICES = 200_000;

t.test('a trace has any number of services', async (t) => {
  const start = 1_790_000_000_000_000_000n;
  const services = Array.from({ length: SERVICES }, (_, n) => [
    't',
    `s${n}`,
    1,
    0,
    start,
    start + 1n,
    n === 7 ? 4 : 1,
    false,
    'id',
    'name',
  ]);
  const store = {
    fields: () => new Map(),
    sampleRate: () => undefined,
    stats: () => ({ logs: 0 }),
    read: async (sql: string) => {
      if (sql.startsWith('WITH')) return { rows: [] };
      return { rows: sql.includes('bool_or') ? services : [['t', SERVICES, null]] };
    },
  } as unknown as SpanStore;
  const [summary] = await readSummaries(store, ['t']);
  t.match(summary, { trace_id: 't', spans: SERVICES, sample_rate: 4 });
});
