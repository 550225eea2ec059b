import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { rfc3339 } from '../read/rfc3339.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { TraceSummary } from './summaries.ts';

/**
 * Summaries of traces with more spans than a list can read. They count copies of spans, have times as sent, and do not divide
 * the time by service.
 */
export async function readLargeSummaries(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions,
): Promise<TraceSummary[]> {
  const c = spanColumns(store);
  const rootFirst = `ORDER BY ${c.parentId} IS NOT NULL, ${c.start}`;
  const { rows } = await store.read(
    `SELECT ${c.traceId}, ${c.service}, count(*), count(*) FILTER (WHERE ${c.error}), min(${c.start}),
      max(${c.start} + ${c.duration}), max(${store.sampleRate()?.sql ?? 'NULL::BIGINT'}), bool_or(${c.parentId} IS NULL),
      first(${c.spanId} ${rootFirst}), first(${c.name} ${rootFirst})
    FROM spans WHERE ${c.traceId} IN (${traceIds.map((_, index) => `$${index + 1}`).join(', ')}) AND ${c.isSpan}
    GROUP BY 1, 2 ORDER BY 8 DESC, 5`,
    traceIds,
    options,
  );
  return [...Map.groupBy(rows, ([traceId]) => String(traceId))].map(([traceId, services]) =>
    summaryOf(traceId, services),
  );
}

/** @param rows one row per service, the root's service first */
function summaryOf(traceId: string, rows: readonly (readonly unknown[])[]): TraceSummary {
  const root = rows[0] ?? [];
  const sum = (at: number) => rows.reduce((total, row) => total + Number(row[at]), 0);
  const start = sorted(rows.map((row) => row[4])).at(0) ?? 0n;
  const end = sorted(rows.map((row) => row[5])).at(-1) ?? 0n;
  const sampleRate = rows.reduce((most, row) => Math.max(most, Number(row[6] ?? 1)), 1);
  return {
    trace_id: traceId,
    root: {
      span_id: String(root[8] ?? ''),
      service: String(root[1] ?? ''),
      name: String(root[9] ?? ''),
      provisional: root[7] !== true,
    },
    services: rows
      .map((row) => ({
        name: String(row[1] ?? ''),
        spans: Number(row[2]),
        errors: Number(row[3]),
        self_ms: 0,
      }))
      .sort((a, b) => b.spans - a.spans || a.name.localeCompare(b.name)),
    spans: sum(2),
    errors: sum(3),
    start: rfc3339(start),
    start_ns: start.toString(),
    duration_ms: Number(end - start) / 1e6,
    ...(sampleRate > 1 && { sample_rate: sampleRate }),
  };
}

function sorted(nanoseconds: readonly unknown[]): bigint[] {
  return nanoseconds.map((each) => BigInt(each as number | bigint)).sort((a, b) => (a < b ? -1 : 1));
}
