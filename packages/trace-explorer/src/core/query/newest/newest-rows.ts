import { nanosecondsOf } from '../../../lib/time/time-range.ts';
import type { ReadOptions } from '../../store/store.ts';
import { Binder } from '../compile/binder.ts';
import { Columns } from '../compile/columns.ts';
import { rowFiltersSql } from '../compile/filters.ts';
import { resolveTimeWindow } from '../compile/time-window.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { SavedFields } from '../parse/saved-fields.ts';
import { ownValue } from '../result/result-value.ts';
import type { QuerySource } from '../run/run-query.ts';
import { fieldsIn } from '../run/run-query.ts';
import type { NewestRow } from './schemas.ts';

/** Limits of the read, and the present in milliseconds since the epoch, for relative times; by default the clock's. */
type RowsOptions = ReadOptions & { readonly now?: number };

export interface RowsRequest {
  readonly dataset: string;
  /** The times, filters and calculated fields that choose the rows. */
  readonly query: QuerySpec;
  /** Fields, calculated fields, and fields of a row's root or parent. */
  readonly columns: readonly string[];
  readonly limit: number;
  /** Calculated fields that the request can name besides the query's own. */
  readonly saved?: SavedFields;
}

/**
 * The newest rows that match a query. The query's calculations do not matter.
 * @throws QueryError for columns that do not exist; the store's error when a read is aborted or takes too long
 */
export async function newestRows(
  store: QuerySource,
  request: RowsRequest,
  options: RowsOptions = {},
): Promise<NewestRow[]> {
  const rows = await readMatching(store, request, options, ({ where, trace, span, values }) => {
    const read = ['_time', trace, span, ...values].join(', ');
    return `SELECT ${read} FROM spans WHERE ${where} ORDER BY _time DESC, _seq DESC LIMIT ${request.limit}`;
  });
  return rows.map(([time, trace, span, ...own]) => ({
    time_ns: String(time),
    ...(typeof trace === 'string' && { trace_id: trace }),
    ...(typeof span === 'string' && { span_id: span }),
    values: own.map(ownValue),
  }));
}

/**
 * Ids of the traces with a matching row, ordered by their newest matching row.
 * @throws as newestRows does
 */
export async function newestTraces(
  store: QuerySource,
  request: Omit<RowsRequest, 'columns'>,
  options: RowsOptions = {},
): Promise<string[]> {
  const rows = await readMatching(store, { ...request, columns: [] }, options, ({ where, trace }) => {
    return `SELECT ${trace} AS id FROM spans WHERE ${where} AND ${trace} IS NOT NULL GROUP BY id ORDER BY max(_time) DESC, id LIMIT ${request.limit}`;
  });
  return rows.map(([id]) => String(id));
}

/** SQL of the matching rows: conditions, ids, and the columns of the answer. */
interface Matching {
  readonly where: string;
  readonly trace: string;
  readonly span: string;
  readonly values: readonly string[];
}

/** Reads the result of a statement over the matching rows. */
async function readMatching(
  store: QuerySource,
  { dataset, query, columns: names, saved }: RowsRequest,
  { now = Date.now(), ...limits }: RowsOptions,
  statement: (matching: Matching) => string,
): Promise<readonly (readonly unknown[])[]> {
  const fields = fieldsIn(store, dataset);
  const binder = new Binder();
  const columns = new Columns(fields, query.calculated_fields, binder, saved);
  const { start, end } = resolveTimeWindow(query, now);
  const [from, to] = [start, end].map((seconds) => binder.bind(nanosecondsOf(seconds), 'BIGINT'));
  const idOf = (name: string) => fields.get(name)?.sql ?? 'NULL';
  const { sql, values } = binder.finish(
    statement({
      where: `_time >= ${from} AND _time < ${to} AND ${rowFiltersSql(dataset, query, columns, binder, 'query.filters')}`,
      trace: idOf('trace.trace_id'),
      span: `coalesce(${idOf('trace.span_id')}, ${idOf('trace.parent_id')})`,
      values: names.map((name, i) => columns.resolveGroup(name, `columns[${i}]`).sql),
    }),
  );
  return (await store.read(sql, values, limits)).rows;
}
