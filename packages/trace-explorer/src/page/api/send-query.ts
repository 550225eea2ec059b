import type { QuerySpecInput } from '../../core/query/parse/query-spec.ts';
import type { QueryData } from '../../core/query/result/query-result.ts';
import { send } from './api.ts';

/** Runs a query as in Honeycomb's API: creates it, then runs it. @throws ApiError */
export async function sendQuery(
  dataset: string,
  query: QuerySpecInput,
  {
    signal,
    series = true,
    total = false,
  }: {
    readonly signal?: AbortSignal;
    readonly series?: boolean;
    /** Whether the answer also has all groups together. */
    readonly total?: boolean;
  } = {},
): Promise<QueryData> {
  const path = encodeURIComponent(dataset);
  const { id } = await send<{ id: string }>('POST', `/1/queries/${path}`, query, signal);
  const { data } = await send<{ data: QueryData }>(
    'POST',
    `/1/query_results/${path}`,
    { query_id: id, disable_series: !series, disable_total_by_aggregate: !total },
    signal,
  );
  return data;
}
