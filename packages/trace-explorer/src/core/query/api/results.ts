import type { Static } from 'typebox';
import type { Ask } from '../../../lib/request-json.ts';
import { estimateText } from '../../../lib/text/words.ts';
import { DEFAULT_TIME_RANGE } from '../parse/limits.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { ResultRow } from '../result/query-result.ts';
import type { QueryRun } from '../run/query-runs.ts';
import type { QueryResult } from './schemas.ts';

/** A specification in the form in which Honeycomb's API returns it: its id, its parts, and the defaults that apply. */
export function describeQuery(id: string, spec: QuerySpec): Record<string, unknown> {
  const { filter_combination, time_range, start_time, end_time, ...rest } = spec;
  const filled = Object.entries(rest).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  const range =
    start_time === undefined || end_time === undefined ? (time_range ?? DEFAULT_TIME_RANGE) : undefined;
  return {
    id,
    ...Object.fromEntries(filled),
    ...(filter_combination === 'OR' ? { filter_combination } : {}),
    ...(range === undefined ? {} : { time_range: range }),
    ...(start_time === undefined ? {} : { start_time }),
    ...(end_time === undefined ? {} : { end_time }),
  };
}

/**
 * A run in the form in which Honeycomb's API returns it. The data is large and is JSON already, so only the text around it is
 * serialized.
 * @param origin scheme and host for the link to the page
 */
export function resultJson(
  { id: runId, query: { dataset, spec, id }, data }: QueryRun,
  origin: string,
): string {
  const query = describeQuery(id, spec);
  const asked = encodeURIComponent(JSON.stringify({ ...query, id: undefined }));
  const page = `${origin}/query?dataset=${encodeURIComponent(dataset)}&query=${asked}`;
  // The page draws the graph; there is no separate picture.
  const links = { query_url: page, graph_image_url: page };
  const head = JSON.stringify({ query, id: runId, complete: true, links });
  return `${head.slice(0, -1)},"data":${data}}`;
}

export type RunAnswer = Static<typeof QueryResult>;

/** Rows of a run for a reader: estimates are texts, `≈ 12600`. */
export function formatRows(
  { query, data }: Pick<RunAnswer, 'query' | 'data'>,
  rows: readonly Pick<ResultRow, 'data'>[] = [],
): Record<string, unknown>[] {
  const { breakdowns = [] } = query as Partial<QuerySpec>;
  const isEstimate = data?.info.estimated === true;
  const format = (key: string, value: unknown) =>
    !isEstimate || typeof value !== 'number' || breakdowns.includes(key)
      ? value
      : estimateText(String(Math.round(1000 * value) / 1000), isEstimate);
  return rows.map(({ data: row }) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, format(key, value)])),
  );
}

/**
 * Creates a query and runs it.
 * @param spec a query specification
 * @param dataset as a part of a path
 * @throws Error for a refused, failed or too long query
 */
export async function completeResult(
  spec: unknown,
  dataset: string,
  ask: Ask,
  { series = false } = {},
): Promise<RunAnswer> {
  const { id } = await ask<{ id: string }>(`/1/queries/${dataset}`, { method: 'POST', body: spec });
  const body = { query_id: id, disable_series: !series };
  return ask<RunAnswer>(`/1/query_results/${dataset}`, { method: 'POST', body });
}
