import type { Static } from 'typebox';
import type { Ask } from '../../shared/ask.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import { DEFAULT_TIME_RANGE } from '../parse/query-spec.ts';
import type { QueryJob } from '../run/query-job.ts';
import type { QueryResult } from './schemas.ts';

/** A specification as Honeycomb's API gives it back: its id, what was asked, and the defaults that apply. */
export function describeQuery(id: string, spec: QuerySpec): Record<string, unknown> {
  const { filter_combination, time_range, start_time, end_time, saved: _, ...rest } = spec;
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
 * A run as Honeycomb's API gives it back. The data is large and JSON already: only what is around it is serialized.
 * @param origin scheme and host for the link to the page
 */
export function resultJson(job: QueryJob, origin: string): string {
  const { dataset, spec, id } = job.query;
  const query = describeQuery(id, spec);
  const asked = encodeURIComponent(JSON.stringify({ ...query, id: undefined }));
  const page = `${origin}/?dataset=${encodeURIComponent(dataset)}&query=${asked}`;
  // The page draws the graph; there is no picture of it to be had elsewhere.
  const links = { query_url: page, graph_image_url: page };
  const head = JSON.stringify({ query, id: job.id, complete: job.data !== undefined, links });
  return job.data === undefined ? head : `${head.slice(0, -1)},"data":${job.data}}`;
}

export type Result = Static<typeof QueryResult>;

/** Milliseconds that a result is waited for: as long as the explorer gives a query, and a little. */
const PATIENCE_MS = 35_000;

/**
 * Creates a query, runs it and waits for its result.
 * @param spec a query specification
 * @param dataset as a part of a path
 * @throws Error when the query is refused, fails or takes too long
 */
export async function completeResult(
  spec: unknown,
  dataset: string,
  ask: Ask,
  { series = false } = {},
): Promise<Result> {
  const { id } = await ask<{ id: string }>(`/1/queries/${dataset}`, { method: 'POST', body: spec });
  const body = { query_id: id, disable_series: !series };
  return untilComplete(
    await ask<Result>(`/1/query_results/${dataset}`, { method: 'POST', body }),
    dataset,
    ask,
  );
}

/** Waits for a run's result. @throws Error when it takes too long, or the query fails */
export async function untilComplete(run: Result, dataset: string, ask: Ask): Promise<Result> {
  const start = performance.now();
  let result = run;
  // Each question waits some seconds for the result.
  while (!result.complete) {
    if (performance.now() - start > PATIENCE_MS) {
      throw new Error(
        `The query takes long; its result will be ${result.id}. Ask for that later, or narrow the query: a shorter time_range, more filters.`,
      );
    }
    result = await ask<Result>(`/1/query_results/${dataset}/${result.id}`);
  }
  return result;
}
