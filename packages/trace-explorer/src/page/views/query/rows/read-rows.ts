import type { QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import type { ResultValue } from '../../../../query/result/query-result.ts';
import { postJson } from '../../../api.ts';

/** A row that matches a query, with the values of the columns that were asked for. */
export interface RawRow {
  /** Nanoseconds since the epoch, as digits. */
  readonly time_ns: string;
  readonly trace_id?: string;
  /** The span that it is, or that it belongs to. */
  readonly span_id?: string;
  readonly values: readonly ResultValue[];
}

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
  return (await postJson<{ rows: RawRow[] }>('/api/rows', request, signal)).rows;
}
