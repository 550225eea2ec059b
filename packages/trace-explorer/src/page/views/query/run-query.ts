import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import type { QueryData } from '../../../query/result/query-result.ts';
import { getJson, send } from '../../api.ts';

interface QueryAnswer {
  readonly id: string;
  readonly complete: boolean;
  readonly data?: QueryData;
}

/** Asks the explorer in Honeycomb's way: create the query, run it, wait until it is complete. @throws ApiError */
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
  let answer = await send<QueryAnswer>(
    'POST',
    `/1/query_results/${path}`,
    { query_id: id, disable_series: !series, disable_total_by_aggregate: !total },
    signal,
  );
  while (answer.data === undefined) {
    answer = await getJson(`/1/query_results/${path}/${encodeURIComponent(answer.id)}`, signal);
  }
  return answer.data;
}
