import type { Static } from 'typebox';
import type { QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import type { NewestRow } from '../../../../query/rows/newest-rows.ts';
import { send } from '../../../api.ts';

/** A row that matches a query, with the values of the columns that were asked for. */
export type RawRow = Static<typeof NewestRow>;

/** The newest rows that match a query. @throws ApiError */
export async function readRows(
  request: {
    readonly dataset: string;
    readonly query: QuerySpecInput;
    readonly columns: readonly string[];
    readonly limit: number;
  },
  signal: AbortSignal,
): Promise<readonly RawRow[]> {
  return (await send<{ rows: RawRow[] }>('POST', '/api/rows', request, signal)).rows;
}
