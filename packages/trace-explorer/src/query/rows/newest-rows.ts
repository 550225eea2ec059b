import type { Statement } from '../compile/binder.ts';
import { Binder } from '../compile/binder.ts';
import { Columns } from '../compile/columns.ts';
import { queryFiltersSql } from '../compile/filters.ts';
import { resolveTimeWindow } from '../compile/time-window.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { ResultValue } from '../result/query-result.ts';
import { ownValue } from '../result/result-value.ts';
import type { QuerySource, RunOptions } from '../run/run-query.ts';
import { ALL_DATASETS } from '../run/run-query.ts';

/** Milliseconds after which a read is interrupted. */
const TIMEOUT_MS = 10_000;

export interface RowsRequest {
  readonly dataset: string;
  /** Its times, filters and calculated fields say which rows are read. */
  readonly query: QuerySpec;
  /** Fields, calculated ones, and those of a row's root or parent. */
  readonly columns: readonly string[];
  readonly limit: number;
}

export interface NewestRow {
  /** Nanoseconds since the epoch, as digits. */
  readonly time_ns: string;
  /** Absent where the row belongs to no trace. */
  readonly trace_id?: string;
  /** The span that the row is or, of an event, a link or a log record, that it belongs to. */
  readonly span_id?: string;
  /** One per column, null where the row has none. */
  readonly values: readonly ResultValue[];
}

/**
 * The newest rows that match a query, whatever it calculates of them.
 * @throws QueryError for columns that do not exist; what the store throws when a read is aborted or takes too long passes
 *   through
 */
export async function newestRows(
  store: QuerySource,
  request: RowsRequest,
  { signal, now = Date.now(), timeoutMs = TIMEOUT_MS }: RunOptions = {},
): Promise<NewestRow[]> {
  const { sql, values } = statement(store, request, now);
  const { rows } = await store.read(sql, values, { timeoutMs, ...(signal && { signal }) });
  return rows.map(([time, trace, span, ...own]) => ({
    time_ns: String(time),
    ...(typeof trace === 'string' && { trace_id: trace }),
    ...(typeof span === 'string' && { span_id: span }),
    values: own.map(ownValue),
  }));
}

function statement(store: QuerySource, request: RowsRequest, now: number): Statement {
  const { dataset, query, limit } = request;
  const fields = store.fields();
  const binder = new Binder();
  const columns = new Columns(fields, query.calculated_fields, binder);
  const { start, end } = resolveTimeWindow(query, now);
  const [from, to] = [start, end].map((seconds) => binder.bind(BigInt(seconds) * 1_000_000_000n, 'BIGINT'));
  const conditions = [
    `_time >= ${from} AND _time < ${to}`,
    dataset === ALL_DATASETS ? undefined : `_dataset = ${binder.bind(dataset, 'VARCHAR')}`,
    queryFiltersSql(query.filters, query.filter_combination, columns, binder, 'query.filters'),
  ];
  const idOf = (name: string) => fields.get(name)?.sql ?? 'NULL';
  const values = request.columns.map((name, i) => columns.resolveGroup(name, `columns[${i}]`).sql);
  const span = `coalesce(${idOf('trace.span_id')}, ${idOf('trace.parent_id')})`;
  const read = ['_time', idOf('trace.trace_id'), span, ...values].join(', ');
  const where = conditions.filter((each) => each !== undefined).join(' AND ');
  return binder.finish(
    `SELECT ${read} FROM spans WHERE ${where} ORDER BY _time DESC, _seq DESC LIMIT ${limit}`,
  );
}
