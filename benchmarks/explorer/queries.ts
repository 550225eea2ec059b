import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeTraces } from '@tandem/otlp';
import { ALL_DATASETS } from '../../packages/trace-explorer/src/core/query/parse/all-datasets.ts';
import { parseQuery } from '../../packages/trace-explorer/src/core/query/parse/parse-query.ts';
import { runQuery } from '../../packages/trace-explorer/src/core/query/run/run-query.ts';
import type { SpanStore } from '../../packages/trace-explorer/src/core/store/store.ts';
import { openStore } from '../../packages/trace-explorer/src/core/store/store.ts';
import { findTraces } from '../../packages/trace-explorer/src/core/traces/list/find-traces.ts';
import { readTraceRecords } from '../../packages/trace-explorer/src/core/traces/read/read-records.ts';
import type { Row } from '../lib/measurements.ts';
import { exportBody } from '../lib/service-spans.ts';

const BATCH = 4096;
const RUNS = 9;
/** Seconds: a query's default time range, in which all spans are. */
const RANGE = 7200;

/** Queries with their bound in milliseconds at a million spans; `series: false` leaves the graph out. */
const QUERIES = [
  {
    name: 'COUNT where app.now exists',
    bound: 20,
    query: { filters: [{ column: 'app.now', op: 'exists' }] },
  },
  {
    name: 'HEATMAP(duration_ms)',
    bound: 40,
    query: { calculations: [{ op: 'HEATMAP', column: 'duration_ms' }] },
  },
  {
    name: 'P90(duration_ms) by name',
    bound: 60,
    query: { calculations: [{ op: 'P90', column: 'duration_ms' }], breakdowns: ['name'] },
  },
  {
    name: 'COUNT by trace.trace_id, top 100',
    bound: 60,
    query: { breakdowns: ['trace.trace_id'], limit: 100 },
  },
] as const;

/** Lists of 50 traces without a time range. */
const LISTS = [
  { name: 'newest 50 traces', bound: 100, list: { order: 'newest' } },
  { name: 'slowest 50 traces', bound: 250, list: { order: 'slowest' } },
  { name: 'newest 50 failed traces', bound: 100, list: { order: 'newest', errors: true } },
] as const;

/** The two stores: traces one after the other, and overlapping ones that came in no order. */
const STORES = [
  { kind: '', pastMs: 0 },
  { kind: ', 500 s in no order', pastMs: 500_000 },
];

/** Times of the queries and lists that the explorer promises, over two stores of their own. */
export default async function explorerQueries(spans = 1_000_000): Promise<Record<string, Row>> {
  const rows: Record<string, Row> = {};
  for (const { kind, pastMs } of STORES)
    for (const [name, row] of Object.entries(await measure(spans, pastMs))) rows[name + kind] = row;
  console.log(`Queries over ${spans.toLocaleString('en')} spans, ms (median and worst of ${RUNS})`);
  console.table(rows);
  return rows;
}

/** Times over one store; each query with its totals and its series. */
async function measure(spans: number, pastMs: number): Promise<Record<string, Row>> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  // Large enough that nothing is evicted while 10,000,000 are measured.
  const store = await openStore({ directory, maxBytes: 16 * 1024 ** 3 });
  try {
    const traceId = await fill(store, spans, pastMs);
    const rows: Record<string, Row> = {};
    for (const { name, bound, query } of QUERIES) {
      const spec = parseQuery({ time_range: RANGE, ...query });
      rows[name] = await timed(bound, spans, () => runQuery(store, ALL_DATASETS, spec));
      const table = `${name}, without series`;
      rows[table] = await timed(bound, spans, () =>
        runQuery(store, ALL_DATASETS, spec, { disableSeries: true }),
      );
    }
    for (const { name, bound, list } of LISTS)
      rows[name] = await timed(bound, spans, () => findTraces(store, { ...list, limit: 50 }));
    rows['trace by id'] = await timed(20, spans, () => readTraceRecords(store, traceId));
    return rows;
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** At ten million spans no query may take more than fifteen times its bound. */
async function timed(bound: number, spans: number, run: () => Promise<unknown>) {
  await run();
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const limit = spans > 1_000_000 ? bound * 15 : bound;
  const round = (ms: number | undefined): number => Math.round((ms ?? Number.NaN) * 10) / 10;
  return { median: round(times[RUNS >> 1]), worst: round(times.at(-1)), 'at most': limit };
}

/** Stores spans as the two services make them, see exportBody; returns the id of one trace. */
async function fill(store: SpanStore, count: number, pastMs: number): Promise<string> {
  let traceId = '';
  for (let made = 0; made < count; made += BATCH) {
    const body = exportBody(Math.min(BATCH, count - made), undefined, pastMs);
    const traces = decodeTraces(gunzipSync(body), 'protobuf');
    if (made <= count / 2) traceId = traces.scopeSpans[0]?.spans[0]?.traceId ?? '';
    await store.write(traces);
  }
  return traceId;
}
