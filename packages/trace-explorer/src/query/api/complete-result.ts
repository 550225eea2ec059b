import type { Static } from 'typebox';
import type { Ask } from '../../shared/ask.ts';
import type { QueryResult } from './schemas.ts';

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
