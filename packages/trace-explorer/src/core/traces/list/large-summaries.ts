import { rfc3339 } from '../../../lib/time/rfc3339.ts';
import { bigint, flag, namedColumns, number, text } from '../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
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
  const { traceId, isSpan } = spanColumns(store);
  const columns = serviceColumns(store);
  const { rows } = await store.read(
    `SELECT ${columns.sql} FROM spans WHERE ${traceId} IN (${traceIds.map((_, index) => `$${index + 1}`).join(', ')}) AND ${isSpan}
    GROUP BY ALL ORDER BY "hasRoot" DESC, "start"`,
    traceIds,
    options,
  );
  const byTrace = Map.groupBy(rows.map(columns.rowOf), (row) => row.traceId);
  return [...byTrace].map(([traceId, services]) => summaryOf(traceId, services));
}

/** A service's spans of one trace. Its first span is the trace's root, where it has the root. */
function serviceColumns(store: SpanStore) {
  const c = spanColumns(store);
  const rootFirst = `ORDER BY ${c.parentId} IS NOT NULL, ${c.start}`;
  return namedColumns({
    traceId: text(c.traceId),
    service: text(c.service),
    spans: number('count(*)'),
    errors: number(`count(*) FILTER (WHERE ${c.error})`),
    start: bigint(`min(${c.start})`),
    end: bigint(`max(${c.start} + ${c.duration})`),
    sampleRate: number(`coalesce(max(${store.sampleRate()?.sql ?? 'NULL::BIGINT'}), 1)`),
    hasRoot: flag(`bool_or(${c.parentId} IS NULL)`),
    firstId: text(`first(${c.spanId} ${rootFirst})`),
    firstName: text(`first(${c.name} ${rootFirst})`),
  });
}

type ServiceRow = ReturnType<ReturnType<typeof serviceColumns>['rowOf']>;

/** @param rows one row per service, the root's service first */
function summaryOf(traceId: string, rows: readonly ServiceRow[]): TraceSummary {
  const [root] = rows;
  const sum = (pick: (row: ServiceRow) => number) => rows.reduce((total, row) => total + pick(row), 0);
  const start = sorted(rows.map((row) => row.start)).at(0) ?? 0n;
  const end = sorted(rows.map((row) => row.end)).at(-1) ?? 0n;
  const sampleRate = rows.reduce((most, row) => Math.max(most, row.sampleRate), 1);
  return {
    trace_id: traceId,
    root: {
      span_id: root?.firstId ?? '',
      service: root?.service ?? '',
      name: root?.firstName ?? '',
      provisional: root?.hasRoot !== true,
    },
    services: rows
      .map(({ service, spans, errors }) => ({ name: service, spans, errors, self_ms: 0 }))
      .sort((a, b) => b.spans - a.spans || a.name.localeCompare(b.name)),
    spans: sum(({ spans }) => spans),
    errors: sum(({ errors }) => errors),
    start: rfc3339(start),
    start_ns: start.toString(),
    duration_ms: Number(end - start) / 1e6,
    ...(sampleRate > 1 && { sample_rate: sampleRate }),
  };
}

function sorted(nanoseconds: readonly bigint[]): bigint[] {
  return nanoseconds.toSorted((a, b) => (a < b ? -1 : 1));
}
