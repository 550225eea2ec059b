import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import type { QueryData } from '../../../query/result/query-result.ts';
import { send } from '../../api.ts';

/** Asks the explorer in Honeycomb's way: create the query, then run it. @throws ApiError */
export async function runQuery(
  dataset: string,
  query: QuerySpecInput,
  {
    signal,
    series = true,
    total = false,
  }: {
    readonly signal?: AbortSignal;
    readonly series?: boolean;
    /** Whether all groups together are asked for as well. */
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
