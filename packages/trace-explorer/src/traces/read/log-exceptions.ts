import type { SpanEvent } from '@tandem/otlp';
import { decodeLogRecord } from '@tandem/otlp';
import type { Field, ReadOptions, SpanStore } from '../../store/store.ts';
import { spanColumns } from './span-columns.ts';

/** The fields of an exception, as the conventions name them on span events and on log records alike. */
const FIELDS = ['exception.type', 'exception.message', 'exception.stacktrace'];

/**
 * Rows of table `spans`, where a span without an exception of its own has the first one that a log record in the span tells
 * of. SDKs move exceptions from span events, whose fields a span has, to log records:
 * https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
 * @param from the rows, for FROM, under the name `spans`
 * @param within SQL condition on the log records
 */
export function withLogExceptions(store: SpanStore, from: string, within: string): string {
  const { traceId, spanId, parentId, isLog } = spanColumns(store);
  const columns = columnsOf(store);
  if (columns.length === 0) return from;
  const has = columns.map((column) => `${column} IS NOT NULL`).join(' OR ');
  const first = columns.map((column, index) => `arg_min(${column}, _seq) AS logged${index}`).join(', ');
  const own = columns.map(
    (column, index) => `CASE WHEN ${has} THEN ${column} ELSE logged${index} END AS ${column}`,
  );
  return `(SELECT spans.* REPLACE (${own.join(', ')}) FROM ${from} LEFT JOIN (
      SELECT ${traceId} AS logged_trace, ${parentId} AS logged_span, ${first}
      FROM spans WHERE ${isLog} AND (${has}) AND ${within} GROUP BY 1, 2
    ) ON ${traceId} = logged_trace AND ${spanId} = logged_span) AS spans`;
}

/**
 * Fields that, in the rows of spans, also have the exceptions of log records: SQL for statements about a table `spans`.
 * @param start of the rows, nanoseconds since the epoch: as they are where no later log record has an exception
 */
export async function fieldsWithLogExceptions(
  store: Pick<SpanStore, 'read' | 'fields'>,
  fields: ReadonlyMap<string, Field>,
  start: bigint,
  options: ReadOptions,
): Promise<ReadonlyMap<string, Field>> {
  const { traceId, spanId, parentId, isLog } = spanColumns(store);
  const own = FIELDS.flatMap((name) => fields.get(name) ?? []);
  const has = own.map(({ sql }) => `${sql} IS NOT NULL`).join(' OR ') || 'false';
  const found = await store.read(
    `SELECT 1 FROM spans WHERE ${isLog} AND (${has}) AND _time >= $1 LIMIT 1`,
    [start],
    options,
  );
  if (found.rows.length === 0) return fields;
  return new Map([
    ...fields,
    ...own.map((field) => {
      const logged = `SELECT arg_min(${field.sql}, _seq) FROM spans AS logged
        WHERE ${isLog} AND ${traceId} = spans.${traceId} AND ${parentId} = spans.${spanId}`;
      return [
        field.name,
        { ...field, sql: `CASE WHEN ${has} THEN ${field.sql} ELSE (${logged}) END` },
      ] as const;
    }),
  ]);
}

/** The exceptions that log records of a span tell of, as the span's events would. */
export async function readLogExceptions(
  store: SpanStore,
  { traceId, spanId }: { readonly traceId: string; readonly spanId: string },
  options: ReadOptions,
): Promise<SpanEvent[]> {
  const c = spanColumns(store);
  const columns = columnsOf(store);
  if (columns.length === 0) return [];
  const has = columns.map((column) => `${column} IS NOT NULL`).join(' OR ');
  const { rows } = await store.read(
    `SELECT _seq, _span, _bytes FROM spans
    WHERE ${c.traceId} = $1 AND ${c.parentId} = $2 AND ${c.isLog} AND (${has}) ORDER BY _seq`,
    [traceId, spanId],
    options,
  );
  const whole = await Promise.all(
    rows.map(([seq, stored, bytes]) => store.wholeSpan(Number(seq), stored as Uint8Array, Number(bytes))),
  );
  return whole.flatMap((raw) => {
    if (raw === undefined) return [];
    const { timeUnixNano, attributes, droppedAttributesCount } = decodeLogRecord(raw);
    return [{ name: 'exception', timeUnixNano, attributes, droppedAttributesCount }];
  });
}

/** The columns of an exception. None where no log record can have one. */
function columnsOf(store: SpanStore): string[] {
  if (store.stats().logs === 0) return [];
  // Text has a column of its own. A sender's value of another type is no exception's.
  return FIELDS.map((name) => store.fields().get(name)?.sql ?? '').filter((sql) => /^"\w+"$/u.test(sql));
}
