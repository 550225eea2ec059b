import type { QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import type { NewestRow } from '../../../../query/rows/newest-rows.ts';
import { send } from '../../../api.ts';

/** The newest rows that match a query. @throws ApiError */
export async function readRows(
  request: {
    readonly dataset: string;
    readonly query: QuerySpecInput;
    readonly columns: readonly string[];
    readonly limit: number;
  },
  signal: AbortSignal,
): Promise<readonly NewestRow[]> {
  return (await send<{ rows: NewestRow[] }>('POST', '/api/rows', request, signal)).rows;
}
