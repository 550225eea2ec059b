import type { SpanStore } from '../store/types.ts';
import type { TraceSummary } from '../traces/list/summaries.ts';
import { readSummaries } from '../traces/list/summaries.ts';
import { spanColumns } from '../traces/read/span-columns.ts';

/** New and changed traces, the newest first. */
export interface ChangedTraces {
  readonly traces: readonly TraceSummary[];
  /** How many there are besides. */
  readonly more: number;
}

/** An event names at most this many traces; the rest is a number. */
const MAX_TRACES = 100;

/** The traces that rows came of after one place in the order of arrival, up to another; undefined for none. */
export async function readChangedTraces(
  store: SpanStore,
  after: number,
  upTo: number,
): Promise<ChangedTraces | undefined> {
  const { traceId } = spanColumns(store);
  const { rows } = await store.read(
    `SELECT ${traceId}, count(*) OVER () FROM spans WHERE _seq > $1 AND _seq <= $2 AND ${traceId} IS NOT NULL
    GROUP BY 1 ORDER BY max(_seq) DESC LIMIT ${MAX_TRACES}`,
    [after, upTo],
    { short: true },
  );
  const traces = await readSummaries(
    store,
    rows.map(([id]) => String(id)),
  );
  if (traces.length === 0) return undefined;
  return { traces, more: Number(rows[0]?.[1] ?? 0) - rows.length };
}
