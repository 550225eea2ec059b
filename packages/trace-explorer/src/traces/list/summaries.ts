import type { Static } from 'typebox';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { Summary } from '../api/schemas.ts';
import { selfTimes } from '../model/self-times.ts';
import { readRecords } from '../read/read-records.ts';
import { rfc3339 } from '../read/rfc3339.ts';
import { rowsAt } from '../read/rows-at.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { TraceTree } from '../tree/tree.ts';
import { buildTree } from '../tree/tree.ts';
import { readLargeSummaries } from './large-summaries.ts';

/** A trace in one line. */
export type TraceSummary = Static<typeof Summary>;

/** Spans that are read for one list, of all its traces together. Of traces beyond, sums are read alone. */
const MAX_LISTED_SPANS = 20_000;

/** Summaries of the given traces, in that order; traces that are gone are left out. */
export async function readSummaries(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions = {},
): Promise<TraceSummary[]> {
  const { trees, large } = await readTrees(store, traceIds, options);
  const summaries = [
    ...trees.map(([traceId, tree]) => summaryOf(traceId, tree)),
    ...(large.length === 0 ? [] : await readLargeSummaries(store, large, options)),
  ];
  const byId = new Map(summaries.map((summary) => [summary.trace_id, summary]));
  return traceIds.flatMap((traceId) => byId.get(traceId) ?? []);
}

/** The trees of the given traces; and the traces that are too large to be read together. */
export async function readTrees(store: SpanStore, traceIds: readonly string[], options: ReadOptions = {}) {
  if (traceIds.length === 0) return { trees: [], large: [] };
  const { sequences, large } = await findSpans(store, traceIds, options);
  const { records } = await readRecords(store, rowsAt(sequences), [], options);
  const byTrace = [...Map.groupBy(records, ({ traceId }) => traceId)];
  return { trees: byTrace.map(([traceId, of]) => [traceId, buildTree(of)] as const), large };
}

/**
 * Where the spans of these traces are in the order of arrival; and the traces that are too large. Places are looked up
 * first, because a condition on trace ids lets DuckDB skip nothing: it would read every column of a full store.
 */
async function findSpans(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions,
): Promise<{ readonly sequences: readonly number[]; readonly large: readonly string[] }> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT ${c.traceId}, count(*), CASE WHEN count(*) <= ${MAX_LISTED_SPANS} THEN list(_seq) END FROM spans
    WHERE ${c.traceId} IN (${traceIds.map((_, index) => `$${index + 1}`).join(', ')}) AND ${c.isSpan} GROUP BY 1`,
    traceIds,
    options,
  );
  const sequences: number[] = [];
  const large: string[] = [];
  for (const [traceId, count, places] of rows) {
    const fits = Array.isArray(places) && sequences.length + Number(count) <= MAX_LISTED_SPANS;
    if (!fits) large.push(String(traceId));
    else for (const place of places) sequences.push(Number(place));
  }
  return { sequences, large };
}

function summaryOf(traceId: string, { spans, start, duration, sampleRate }: TraceTree): TraceSummary {
  const self = selfTimes({
    count: spans.length,
    parent: Int32Array.from(spans, ({ parent }) => parent),
    offset: Float64Array.from(spans, ({ offset }) => offset),
    length: Float64Array.from(spans, ({ record }) => record.duration),
  });
  const services = Map.groupBy(spans.keys(), (place) => spans[place]?.record.service ?? '');
  const isError = (place: number) => spans[place]?.record.error === true;
  const root = spans.find(({ record }) => record.parentId === '');
  const shown = (root ?? spans[0])?.record;
  return {
    trace_id: traceId,
    root: {
      span_id: shown?.spanId ?? '',
      service: shown?.service ?? '',
      name: shown?.name ?? '',
      provisional: root === undefined,
    },
    services: [...services]
      .map(([name, places]) => ({
        name,
        spans: places.length,
        errors: places.filter(isError).length,
        self_ms: places.reduce((sum, place) => sum + (self[place] ?? 0), 0) / 1e6,
      }))
      .sort((a, b) => b.self_ms - a.self_ms || b.spans - a.spans || a.name.localeCompare(b.name)),
    spans: spans.length,
    errors: spans.filter(({ record }) => record.error).length,
    start: rfc3339(start),
    start_ns: start.toString(),
    duration_ms: duration / 1e6,
    ...(spans.some(({ shift }) => shift !== 0) && { clocks_corrected: true }),
    ...(sampleRate !== undefined && { sample_rate: sampleRate }),
  };
}
