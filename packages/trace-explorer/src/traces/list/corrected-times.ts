import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { SpanRecord } from '../read/span-record.ts';
import { hostKey } from '../read/span-record.ts';
import { LATE_END_NS } from '../tree/skew.ts';
import { buildTree } from '../tree/tree.ts';

/** When a trace was, as its waterfall says it. */
export interface CorrectedTimes {
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  /** Nanoseconds. */
  readonly duration: number;
}

/**
 * SQL: the traces in which clocks of two hosts cannot agree (see `clockShifts`), as table `skewed` (trace_id) from a table
 * `s` of spans (trace_id, span_id, parent_id, kind, host, start, duration, timed). A faulty sender's spans may all have one
 * id: each child has one parent.
 */
export const SKEWED = `
  outer_spans AS (
    SELECT trace_id, span_id, arg_min(host, start) AS host, min(start) AS start, max(start + duration) AS stop
    FROM s WHERE timed GROUP BY trace_id, span_id
  ),
  skewed AS (
    SELECT DISTINCT s.trace_id FROM s JOIN outer_spans p ON s.trace_id = p.trace_id AND s.parent_id = p.span_id
    WHERE s.timed AND s.host <> p.host AND (s.start < p.start
      OR (s.kind = 'server' AND (s.start > p.stop OR s.start + s.duration > p.stop + ${LATE_END_NS})))
  )`;

/** The clock that stamped a span, in SQL: see `hostKey`. */
export function hostSql(store: SpanStore): string {
  const c = spanColumns(store);
  return `coalesce(nullif(${c.hostId}, ''), nullif(${c.hostName}, ''), concat('service ', ${c.service}, ' ', ${c.instance}))`;
}

/**
 * The corrected times of traces, all of whose spans are read.
 *
 * @param from the rows in which they are looked for, for FROM, with its values
 */
export async function readCorrectedTimes(
  store: SpanStore,
  traceIds: readonly string[],
  { from, values }: { readonly from: string; readonly values: readonly unknown[] },
  options: ReadOptions = {},
): Promise<ReadonlyMap<string, CorrectedTimes>> {
  if (traceIds.length === 0) return new Map();
  const c = spanColumns(store);
  const ids = traceIds.map((_, index) => `$${values.length + index + 1}`);
  const { rows } = await store.read(
    `SELECT * FROM (
      SELECT ${c.traceId} AS trace_id, _seq, ${c.spanId}, ${c.parentId}, ${c.kind}, ${c.service}, ${c.hostId}, ${c.hostName},
        ${c.instance}, CASE WHEN ${c.timed} THEN ${c.start} ELSE 0 END, CAST(${c.duration} AS DOUBLE)
      FROM ${from}
    ) WHERE trace_id IN (${ids.join(', ')}) ORDER BY _seq`,
    [...values, ...traceIds],
    options,
  );
  const traces = Map.groupBy(rows, ([traceId]) => String(traceId));
  return new Map([...traces].map(([traceId, rows]) => [traceId, buildTree(rows.map(recordOf))]));
}

/** A span with what its place in time depends on. */
function recordOf(row: readonly unknown[]): SpanRecord {
  const [sequence, start, duration] = [Number(row[1]), BigInt(row[9] as number | bigint), Number(row[10])];
  const texts = row.slice(2, 9).map((text) => String(text ?? ''));
  const [spanId = '', parentId = '', kind = '', service = '', hostId = '', hostName = '', instance = ''] =
    texts;
  return {
    ...UNSAID,
    spanId,
    parentId,
    kind,
    service,
    start,
    duration,
    host: hostKey({ hostId, hostName, service, instance }),
    hostKnown: hostId !== '' || hostName !== '',
    sequence,
    // Copies lie in the same time: they need not be told from others with their id.
    fingerprint: String(sequence),
  };
}

const UNSAID = {
  name: '',
  endBeforeStart: false,
  error: false,
  statusMessage: '',
  statusCode: '',
  problem: '',
  route: '',
  events: 0,
  links: 0,
  received: 0n,
};
