import { LEVELS } from '../../../lib/text/log-levels.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { ReadOptions, SpanStore, StoreStats } from '../../store/store.ts';
import { spanColumns } from './span-columns.ts';

/** The fields of an exception, as the conventions name them on span events and on log records alike. */
const FIELDS = ['exception.type', 'exception.message', 'exception.stacktrace'];

/** Where an exception was thrown, which telemetry says without a line where the stack has another one. */
const CODE = ['code.file.path', 'code.function.name'];

/** Nanoseconds after the end of a range: until then, log records may tell of the exceptions of a span that began in the range. */
const LATER = 3_600_000_000_000n;

/** A store, as far as its fields are needed. */
type Fields = Pick<SpanStore, 'fields'> & { stats(): Pick<StoreStats, 'logs'> };

/** SQL condition on log records whose spans began in a range. */
export function recordedFor({ start, end }: TimeInterval): string {
  return `_time >= ${start} AND _time < ${end + LATER}`;
}

/**
 * Rows of table `spans`, where a span without an exception of its own has the first one that a log record in the span tells
 * of. SDKs move exceptions from span events, whose fields a span has, to log records:
 * https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
 * @param from the rows, for FROM, under the name `spans`
 * @param within SQL condition on the log records
 * @param hasLevel whether the span gets the record's level as well; the first error is then before other records
 */
export function withLogExceptions(store: Fields, from: string, within: string, hasLevel = false): string {
  const { traceId, spanId, parentId, isLog } = spanColumns(store);
  const { columns: exception, has } = exceptionColumns(store);
  if (exception.length === 0) return from;
  const level = hasLevel ? store.fields().get('severity_code')?.sql : undefined;
  const code = textColumns(store, CODE);
  const columns = [...exception, ...(level === undefined ? [] : [level]), ...code];
  // With a line it is the place of the call that logged, as handlers of other SDKs have it.
  const line = store.fields().get('code.line.number')?.sql ?? 'NULL';
  const told = (column: string) =>
    code.includes(column) ? `CASE WHEN ${line} IS NULL THEN ${column} END` : column;
  const order = level === undefined ? '_seq' : `(coalesce(${level}, 0) < ${LEVELS.error}, _seq)`;
  const first = columns
    .map((column, index) => `arg_min_null(${told(column)}, ${order}) AS logged${index}`)
    .join(', ');
  // A call has its own line.
  const hasCode = [has, ...code.map((column) => `${column} IS NOT NULL`)].join(' OR ');
  const own = columns.map(
    (column, index) =>
      `CASE WHEN ${code.includes(column) ? hasCode : has} THEN ${column} ELSE logged${index} END AS ${column}`,
  );
  return `(SELECT spans.* REPLACE (${own.join(', ')}) FROM ${from} LEFT JOIN (
      SELECT ${traceId} AS logged_trace, ${parentId} AS logged_span, ${first}
      FROM spans WHERE ${isLog} AND (${has}) AND ${within} GROUP BY 1, 2
    ) ON ${traceId} = logged_trace AND ${spanId} = logged_span) AS spans`;
}

/** Table `spans` with the exceptions of log records, for FROM. Without such a record the table itself, which takes less time. */
export async function spansWithLogExceptions(
  store: Fields & Pick<SpanStore, 'read'>,
  range: TimeInterval,
  options: ReadOptions,
): Promise<string> {
  const { columns, has } = exceptionColumns(store);
  if (columns.length === 0) return 'spans';
  const within = recordedFor(range);
  const { rows } = await store.read(
    `SELECT 1 FROM spans WHERE ${spanColumns(store).isLog} AND (${has}) AND ${within} LIMIT 1`,
    [],
    options,
  );
  return rows.length === 0 ? 'spans' : withLogExceptions(store, 'spans', within);
}

/** The columns of an exception, and the condition that a row has one of them. None where no log record can have one. */
function exceptionColumns(store: Fields) {
  if (store.stats().logs === 0) return { columns: [], has: 'false' };
  const columns = textColumns(store, FIELDS);
  return { columns, has: columns.map((column) => `${column} IS NOT NULL`).join(' OR ') };
}

/** Text has a column of its own. A sender's value of another type does not come from an exception. */
function textColumns(store: Fields, names: readonly string[]): string[] {
  return names.map((name) => store.fields().get(name)?.sql ?? '').filter((sql) => /^"\w+"$/u.test(sql));
}
