import type { Static } from 'typebox';
import { rfc3339 } from '../../../lib/time/rfc3339.ts';
import { turnsWithin } from '../../store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { selfTimes } from '../model/self-times.ts';
import { FACTS } from '../model/span-facts.ts';
import { readRecords } from '../read/read-records.ts';
import type { SpanColumns } from '../read/span-columns.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { TraceTree } from '../tree/tree.ts';
import { buildTree } from '../tree/tree.ts';
import { readLargeSummaries } from './large-summaries.ts';
import type { Summary } from './schemas.ts';

/** A trace in one line. */
export type TraceSummary = Static<typeof Summary>;

/** Most spans that one list reads, for all of its traces together. Traces beyond this number are summarized by SQL. */
export const MAX_LISTED_SPANS = 20_000;

/** Spans of a read without a scan's second thread. */
const MAX_SHORT = 4_096;

/** Columns that a summary does not need, and that take half of the statement's time. */
const UNUSED = { ...Object.fromEntries(FACTS.map(([name]) => [name, 'NULL'])), events: 'NULL' };

/**
 * Summaries of the given traces that exist, in the given order.
 * @param spans of these traces, where the caller knows them
 */
export async function readSummaries(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions = {},
  spans?: readonly TraceSpans[],
): Promise<TraceSummary[]> {
  const columns = { ...spanColumns(store), ...UNUSED };
  const { trees, large } = await readTrees(store, traceIds, options, { spans, columns });
  const turn = turnsWithin(options);
  const small: TraceSummary[] = [];
  for (const [traceId, tree] of trees) {
    small.push(summaryOf(traceId, tree));
    await turn();
  }
  const summaries = [
    ...small,
    ...(large.length === 0 ? [] : await readLargeSummaries(store, large, options)),
  ];
  const byId = new Map(summaries.map((summary) => [summary.trace_id, summary]));
  return traceIds.flatMap((traceId) => byId.get(traceId) ?? []);
}

/**
 * The trees of the given traces, and the traces that are too large to be read with the others.
 * @param given the spans of these traces, where the caller knows them; and the spans' columns, by default all
 */
export async function readTrees(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions = {},
  { spans, columns }: { spans?: readonly TraceSpans[] | undefined; columns?: SpanColumns } = {},
) {
  if (traceIds.length === 0) return { trees: [], large: [] };
  const { sequences, large } = within(spans ?? (await findSpans(store, traceIds, options)));
  // A list of small traces reads few rows: the read does not wait for scans, and needs no second thread.
  const read = { ...options, short: sequences.length <= MAX_SHORT };
  // A list of numbers reads whole row groups of these columns, which takes less time than a scan for each trace.
  const from = `(SELECT * FROM spans WHERE _seq IN (${sequences.join(', ') || 'NULL'})) AS spans`;
  const { records } = await readRecords(store, from, [], read, columns);
  const turn = turnsWithin(options);
  const trees: (readonly [traceId: string, tree: TraceTree])[] = [];
  for (const [traceId, own] of Map.groupBy(records, ({ traceId }) => traceId)) {
    trees.push([traceId, buildTree(own)]);
    await turn();
  }
  return { trees, large };
}

export type TraceSpans = readonly unknown[];

/** SQL over rows grouped by trace: the trace's id, the number of spans, and their sequence numbers, unless too many. */
export function spansOfTrace({ traceId }: SpanColumns): string {
  return `${traceId}, count(*), CASE WHEN count(*) <= ${MAX_LISTED_SPANS} THEN list(_seq) END`;
}

/**
 * Finds the spans of these traces before their columns are read: with a condition on trace ids DuckDB cannot skip any data, and
 * would read every column of a full store.
 */
export async function findSpans(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions,
): Promise<readonly TraceSpans[]> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT ${spansOfTrace(c)} FROM spans
    WHERE ${c.traceId} IN (SELECT unnest(from_json($1, '["VARCHAR"]'))) AND ${c.isSpan} GROUP BY 1`,
    [JSON.stringify(traceIds)],
    options,
  );
  return rows;
}

/** The sequence numbers of the spans that are read, and the traces that are too large. */
function within(spans: readonly TraceSpans[]) {
  const sequences: number[] = [];
  const large: string[] = [];
  for (const [traceId, count, numbers] of spans) {
    const fits = Array.isArray(numbers) && sequences.length + Number(count) <= MAX_LISTED_SPANS;
    if (!fits) large.push(String(traceId));
    else for (const sequence of numbers) sequences.push(Number(sequence));
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
  const services = Map.groupBy(spans.keys(), (index) => spans[index]?.record.service ?? '');
  const isError = (index: number) => spans[index]?.record.error === true;
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
      .map(([name, indexes]) => ({
        name,
        spans: indexes.length,
        errors: indexes.filter(isError).length,
        self_ms: indexes.reduce((sum, index) => sum + (self[index] ?? 0), 0) / 1e6,
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
