import { DuckDBInstance } from '@duckdb/node-api';
import type { SimpleValue } from '@tandem/otlp';
import { attributesOf, decodeLogs, ValueKind } from '@tandem/otlp';
import t from 'tap';
import { readServiceMap } from '../../../src/map/service-map.ts';
import { readOverview } from '../../../src/overview/read-overview.ts';
import type { SpanStore } from '../../../src/store/types.ts';
import { readSummaries } from '../../../src/traces/list/summaries.ts';
import { hashInTurns, spanHash } from '../../../src/traces/read/content-hash.ts';
import { rowsAt } from '../../../src/traces/read/rows-at.ts';
import { traceShare } from '../../../src/traces/read/trace-share.ts';
import { at, ids } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { decoded, storeSpans, temporaryStore } from '../../spans.ts';

const MIB = 1024 ** 2;

/** Resolves with how many turns of the event loop others had until `task` ended. */
async function turnsDuring(task: Promise<unknown>): Promise<number> {
  let isDone = false;
  let turns = 0;
  void task.then(() => {
    isDone = true;
  });
  for (; !isDone; turns++) await new Promise((resolve) => setImmediate(resolve));
  return turns;
}

t.test('a large span is hashed 4 MiB at a time, with a turn for others before each', async (t) => {
  const [large, small] = [9 * MIB, 10].map((bytes) => {
    const [group] = decoded([{ attributes: { b: 'x'.repeat(bytes), a: 1 } }]).scopeSpans;
    return group?.spans[0];
  });
  if (large === undefined || small === undefined) throw new Error('There are two spans');
  const hashing = hashInTurns(large);
  t.ok((await turnsDuring(hashing)) >= 3);
  t.equal(await hashing, spanHash(large), 'the hash is that of the whole');
  t.equal(await hashInTurns(small), spanHash(small));
  t.not(await hashInTurns(small), await hashing);
  t.equal(
    await hashInTurns({ ...small, attributes: small.attributes.toReversed() }),
    await hashInTurns(small),
    'whatever the order of attributes',
  );
});

t.test('a large value counts whole, wherever it is', async (t) => {
  const [span] = decoded([{ attributes: { a: 1 } }]).scopeSpans[0]?.spans ?? [];
  if (span === undefined) throw new Error('There is a span');
  const hashOf = (value: SimpleValue) => {
    const nested = { key: 'm', kind: ValueKind.map, value: attributesOf({ list: [value, 'small'] }) };
    return spanHash({ ...span, attributes: [...span.attributes, nested] });
  };
  const text = '😀'.repeat(1.5 * MIB);
  const bytes = Buffer.alloc(3 * MIB, 'a');
  t.equal(hashOf(text), hashOf(`${text.slice(0, -2)}😀`));
  t.not(hashOf(text), hashOf(`${text.slice(0, -2)}😁`));
  t.equal(hashOf(bytes), hashOf(Buffer.alloc(3 * MIB, 'a')));
  t.not(hashOf(bytes), hashOf(bytes.toString()), 'bytes are no text');
  t.not(hashOf(bytes), hashOf(bytes.subarray(1)));
});

t.test('log records have theirs', async (t) => {
  const hashOf = (text: string) => {
    const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }] };
    const [record] = decodeLogs(Buffer.from(JSON.stringify(body)), 'json').scopeLogs[0]?.logRecords ?? [];
    if (record === undefined) throw new Error('There is a record');
    return hashInTurns(record);
  };
  t.equal(await hashOf('one'), await hashOf('one'));
  t.not(await hashOf('one'), await hashOf('two'));
});

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

const id = ids();
const TRACES = 400;

const LIMITS = { most: 400, sample: 400 };

t.test(
  'where spans are many, calls and dependencies are those of whole traces, times how many there are',
  async (t) => {
    const store = await temporaryStore(t);
    const spans: PlainSpan[] = [];
    for (let n = 0; n < TRACES; n++) {
      const base = {
        traceId: id(`${n}`, 16),
        start: at(n),
        durationMs: 10,
        status: n % 4 === 0 ? (2 as const) : (0 as const),
      };
      const idOf = (name: string) => id(`${n} ${name}`);
      const attributes = { 'db.system.name': 'sqlite', 'db.namespace': 'users' };
      spans.push(
        { ...base, name: 'GET', service: 'api', spanId: idOf('root'), kind: 2 },
        {
          ...base,
          name: 'call',
          service: 'api',
          spanId: idOf('client'),
          parentSpanId: idOf('root'),
          kind: 3,
        },
        {
          ...base,
          name: 'lookup',
          service: 'users',
          spanId: idOf('server'),
          parentSpanId: idOf('client'),
          kind: 2,
          durationMs: 5,
        },
        {
          ...base,
          name: 'SELECT',
          service: 'users',
          spanId: idOf('sql'),
          parentSpanId: idOf('server'),
          kind: 3,
          attributes,
        },
      );
    }
    await storeSpans(store, spans);
    const range = { startTime: Number(at(-1000)) / 1e9, endTime: Number(at(TRACES + 1000)) / 1e9 };
    const [exact, shared] = [
      await readServiceMap(store, range),
      await readServiceMap(store, range, { share: LIMITS }),
    ];
    t.equal(exact.one_trace_in, undefined);
    t.equal(shared.one_trace_in, 4);
    t.same(shared.services, exact.services, 'services and databases are all counted');
    t.same(
      shared.calls.map(({ from, to }) => [from, to]),
      exact.calls.map(({ from, to }) => [from, to]),
    );
    const [call] = shared.calls;
    t.ok(near(call?.count, TRACES) && near(call?.errors, TRACES / 4, 0.5), `${call?.count}, ${call?.errors}`);
    t.equal(call?.p99_ms, 5);
    t.same(shared.calls[1], exact.calls[1], 'what a database is called is known from the caller alone');

    const [whole, part] = [
      await readOverview(store, range),
      await readOverview(store, range, { share: LIMITS }),
    ];
    t.equal(part.one_trace_in, 4);
    t.same({ ...part.requests, routes: part.routes }, { ...whole.requests, routes: whole.routes });
    t.same(
      part.dependencies.map(({ name }) => name),
      ['sqlite users'],
      'a call whose other side is in the trace is no dependency',
    );
    t.ok(near(part.dependencies[0]?.count, TRACES) && near(part.dependencies[0]?.total_ms, TRACES * 10));
    const before = { start: 0n, end: 1n };
    t.equal((await traceShare(store, before, {}, LIMITS)).oneIn, 1, 'few spans in the range are all read');
  },
);

const RANGE = { start: at(-1000), end: at(TRACES + 1000) };

/** How many spans of each trace are read, by how many traces that is of. */
async function spansByTrace(
  store: SpanStore,
): Promise<{ isPart: boolean; oneIn: number; traces: Map<number, number> }> {
  const { oneIn, from, condition } = await traceShare(store, RANGE, {}, LIMITS);
  const trace = store.fields().get('trace.trace_id')?.sql;
  const { rows } = await store.read(
    `SELECT n, count(*) FROM (SELECT count(*) AS n FROM ${from} WHERE ${condition} GROUP BY ${trace}) GROUP BY n`,
  );
  return {
    isPart: from !== 'spans',
    oneIn,
    traces: new Map(rows.map(([n, count]) => [Number(n), Number(count)])),
  };
}

t.test('traces are read whole, also where some of their rows lie far from the others', async (t) => {
  const store = await temporaryStore(t);
  const traces = Array.from({ length: TRACES }, (_, n) =>
    Array.from({ length: 4 }, () => ({ traceId: id(`apart ${n}`, 16), start: at(n) })),
  );
  await storeSpans(store, traces.flat());
  const together = await spansByTrace(store);
  t.match(together, { isPart: true, oneIn: 4 }, 'a part of the rows is read');
  t.same([...together.traces.keys()], [4]);
  t.ok(near(together.traces.get(4), TRACES / 4), `${together.traces.get(4)} traces`);

  await storeSpans(
    store,
    traces.filter((_, n) => n % 40 === 0).map(([span]) => ({ ...span, durationMs: 9 })),
  );
  const late = await spansByTrace(store);
  t.match(late, { isPart: true, oneIn: 5 });
  t.same([...late.traces.keys()].sort(), [4, 5], 'spans that came late are read, too');
  const all = [...late.traces.values()].reduce((sum, count) => sum + count, 0);
  t.ok(near(all, TRACES / 5, 0.5), `${all} traces`);

  await store.delete({ all: true });
  // A prime: no two places are the same, and neighbours of before lie apart.
  await storeSpans(
    store,
    traces
      .flat()
      .map((span, i) => ({ span, place: (i * 7919) % 1601 }))
      .sort((a, b) => a.place - b.place)
      .map(({ span }) => span),
  );
  const scattered = await spansByTrace(store);
  t.match(scattered, { isPart: false, oneIn: 4 }, 'nothing is spared where all of them lie apart');
  t.same([...scattered.traces.keys()], [4]);
  t.ok(near(scattered.traces.get(4), TRACES / 4, 0.5), `${scattered.traces.get(4)} traces`);
});

function near(value: number | undefined, expected: number, share = 0.3): boolean {
  return Math.abs((value ?? 0) - expected) <= expected * share;
}

const SERVICES = 200_000;

t.test('a trace has any number of services', async (t) => {
  const start = 1_790_000_000_000_000_000n;
  const parts = Array.from({ length: SERVICES }, (_, n) => [
    't',
    `s${n}`,
    1,
    0,
    start,
    start + 1n,
    null,
    null,
    null,
    'id',
    'name',
    n === 7 ? 4 : 1,
    1,
  ]);
  const store = {
    fields: () => new Map(),
    sampleRate: () => undefined,
    read: async (sql: string) => ({ columns: [], rows: sql.startsWith('WITH') ? parts : [[1, 1]] }),
  } as unknown as SpanStore;
  const [summary] = await readSummaries(store, ['t']);
  t.match(summary, { trace_id: 't', spans: SERVICES, sample_rate: 4 });
});
