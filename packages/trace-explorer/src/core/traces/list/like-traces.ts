import type { Static } from 'typebox';
import { readField } from '../../store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { TraceTree } from '../tree/tree.ts';
import { findTraceIds } from './find-traces.ts';
import type { LikeList } from './schemas.ts';
import { readSummaries } from './summaries.ts';

/** Newest traces in the list, besides the chosen traces. */
const NEWEST = 12;
/** Share of the like traces that are faster than the fast one. */
const FAST = 0.1;

/**
 * Traces for a comparison. By the time of the spans like the root: a trace with the median time, and a fast trace. Then
 * the last trace of the version before the trace's own. Then the newest traces.
 */
export async function likeTraces(
  store: SpanStore,
  traceId: string,
  { spans }: TraceTree,
  options: ReadOptions,
): Promise<Static<typeof LikeList>> {
  const root = (spans.find(({ record }) => record.parentId === '') ?? spans[0])?.record;
  if (root === undefined) return { traces: [] };
  const { service, name, spanId } = root;
  const chosen = await choose(store, { traceId, service, name, spanId }, options);
  const { ids } = await findTraceIds(store, { service, name, order: 'newest', limit: NEWEST + 1 }, options);
  const whyOf = Map.groupBy(chosen, ([id]) => id);
  const wanted = new Set([
    ...chosen.map(([id]) => id),
    ...ids.filter((id) => id !== traceId).slice(0, NEWEST),
  ]);
  const traces = await readSummaries(store, [...wanted], options);
  return {
    traces: traces.map((trace) => {
      const why = whyOf.get(trace.trace_id)?.map(([, reason]) => reason);
      return { ...trace, ...(why !== undefined && { why: why.join(', ') }) };
    }),
  };
}

interface Root {
  readonly traceId: string;
  readonly service: string;
  readonly name: string;
  readonly spanId: string;
}

/** Ids of the chosen traces, each with the reason, in their order. */
async function choose(
  store: SpanStore,
  root: Root,
  options: ReadOptions,
): Promise<(readonly [string, string])[]> {
  const c = spanColumns(store);
  const version = readField(store.fields(), 'service.version', 'VARCHAR');
  const newest = (condition: string) => `arg_max(id, start) FILTER (WHERE id <> $3 AND ${condition})`;
  const { rows } = await store.read(
    `WITH alike AS (
      SELECT ${c.traceId} AS id, ${c.spanId} AS span, ${c.start} AS start, ${c.duration} AS duration, ${version} AS version
      FROM spans WHERE ${c.service} = $1 AND ${c.name} = $2 AND ${c.isSpan} AND ${c.traceId} IS NOT NULL
    ), own AS (
      SELECT any_value(version) AS version FROM alike WHERE id = $3 AND span = $4
    ), known AS (
      SELECT quantile_disc(duration, 0.5) FILTER (WHERE id <> $3) AS median,
        quantile_disc(duration, ${FAST}) FILTER (WHERE id <> $3) AS fast,
        (SELECT version FROM own) AS own, min(start) FILTER (WHERE version = (SELECT version FROM own)) AS deployed
      FROM alike
    )
    SELECT ${newest('duration = median')}, ${newest('duration = fast')},
      ${newest('version <> own AND start < deployed')},
      arg_max(version, start) FILTER (WHERE version <> own AND start < deployed)
    FROM alike, known`,
    [root.service, root.name, root.traceId, root.spanId],
    options,
  );
  const [median, fast, before, previous] = rows[0] ?? [];
  const found = [
    [median, 'median'],
    [fast, 'fast'],
    [before, `version ${previous}`],
  ] as const;
  return found.flatMap(([id, why]) => (typeof id === 'string' ? [[id, why] as const] : []));
}
