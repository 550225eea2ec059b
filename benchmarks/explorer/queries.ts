import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DecodedTraces, Span } from '@tandem/otlp';
import { attributesOf, encodeResource, encodeScope } from '@tandem/otlp';
import { parseQuery } from '../../packages/trace-explorer/src/query/parse/parse-query.ts';
import { ALL_DATASETS, runQuery } from '../../packages/trace-explorer/src/query/run/run-query.ts';
import { openStore } from '../../packages/trace-explorer/src/store/open-store.ts';
import type { SpanStore } from '../../packages/trace-explorer/src/store/types.ts';
import { readRecords } from '../../packages/trace-explorer/src/traces/read/read-records.ts';
import { encodedSpan } from '../lib/encoded-span.ts';
import type { Row } from '../lib/measurements.ts';

const BATCH = 4096;
const RUNS = 9;
/** Seconds that the spans spread over: a query's default time range. */
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

/** Times of the queries that the explorer promises, each with its totals and its series, over a store of its own. */
export default async function explorerQueries(spans = 1_000_000): Promise<Record<string, Row>> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  // Large enough that nothing is evicted while 10,000,000 are measured.
  const store = await openStore({ directory, maxBytes: 16 * 1024 ** 3 });
  try {
    const end = Math.floor(Date.now() / 1000);
    const traceId = await fill(store, spans, end - RANGE);
    const rows: Record<string, Row> = {};
    for (const { name, bound, query } of QUERIES) {
      const spec = parseQuery({ start_time: end - RANGE, end_time: end, ...query });
      rows[name] = await timed(bound, spans, () => runQuery(store, ALL_DATASETS, spec));
      const table = `${name}, without series`;
      rows[table] = await timed(bound, spans, () =>
        runQuery(store, ALL_DATASETS, spec, { disableSeries: true }),
      );
    }
    rows['trace by id'] = await timed(20, spans, () => readRecords(store, traceId));
    console.log(`Queries over ${spans.toLocaleString('en')} spans, ms (median and worst of ${RUNS})`);
    console.table(rows);
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

/** Stores spans of 12 attributes, 8 per trace, evenly over the range; returns the id of one trace. */
async function fill(store: SpanStore, count: number, start: number): Promise<string> {
  const step = (BigInt(RANGE) * 1_000_000_000n) / BigInt(count);
  const first = BigInt(start) * 1_000_000_000n;
  const resource = {
    attributes: attributesOf({ 'service.name': 'bench' }),
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
  const scope = { name: 'bench', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
  const decodedResource = { ...resource, raw: encodeResource(resource) };
  const decodedScope = { ...scope, raw: encodeScope(scope) };
  let made = 0;
  let middle = '';
  while (made < count) {
    const spans: Span[] = [];
    for (; spans.length < BATCH && made < count; made++)
      spans.push(spanOf(made, first + step * BigInt(made)));
    if (middle === '' && made >= count / 2) middle = spans[0]?.traceId ?? '';
    const traces: DecodedTraces = {
      scopeSpans: [{ resource: decodedResource, scope: decodedScope, spans }],
      spanCount: spans.length,
      rejectedCount: 0,
      rejectedReason: '',
    };
    await store.write(traces);
  }
  return middle;
}

function spanOf(index: number, start: bigint): Span {
  const trace = Math.floor(index / 8);
  return encodedSpan({
    traceId: hash(trace).padStart(32, hash(trace + 1)),
    spanId: index.toString(16).padStart(16, '0'),
    parentSpanId: index % 8 === 0 ? '' : (trace * 8).toString(16).padStart(16, '0'),
    flags: 257,
    name: `GET /api/route-${index % 40}`,
    kind: index % 8 === 0 ? 2 : 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(Math.round(1e6 * Math.exp(Math.random() * 6))),
    attributes: attributesOf({
      'http.request.method': 'GET',
      'http.route': `/api/route-${index % 40}`,
      'http.response.status_code': index % 50 === 0 ? 500 : 200,
      'user.id': `user-${index % 1000}`,
      'app.result_length': index % 20,
      ...(index % 8 === 2 ? { 'app.now': new Date(Number(start / 1_000_000n)).toISOString() } : {}),
    }),
    statusCode: index % 50 === 0 ? 2 : 0,
  });
}

/** Hex digits that look random and are the same in every run. */
function hash(value: number): string {
  return Math.imul(value + 1, 0x9e3779b1)
    .toString(16)
    .replace('-', 'f')
    .padStart(16, 'a');
}
