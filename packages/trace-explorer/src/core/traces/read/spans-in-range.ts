import { sqlText } from '../../../lib/text/sql-text.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { readWeight } from '../../query/run/read-weight.ts';
import { firstField } from '../../store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { localRootSql } from './local-roots.ts';
import { recordedFor, withLogExceptions } from './log-exceptions.ts';
import { NAMES } from './meanings.ts';
import { spanColumns } from './span-columns.ts';
import type { ShareLimits } from './trace-sample.ts';
import { ALL_TRACES, readJoinedShare } from './trace-sample.ts';

/** The spans of a time range as a table `s`, for statements that begin with this table. */
export type SpansInRange = Awaited<ReturnType<typeof spansInRange>>;

/** Limits of a read, and of the joins of spans with other spans of their traces. `service`: requests and calls of this one only. */
export type RangeOptions = ReadOptions & {
  /** `none` where no statement joins spans: it is not known then which traces are joined. */
  readonly share?: ShareLimits | 'none';
  readonly service?: string | undefined;
};

/**
 * The spans of a time range.
 *
 * Columns: id, parent and trace (hashes, with which joins take two thirds of the time), root (whether the parent is missing),
 * seq (`_seq`), version (of the service), service, namespace, name, kind, error, problem (the exception's type), target (of a call named by its method), shape (as of `shapes.ts`; only for statements that name it), tool (of an agent), message, status (its code), duration (ms), time, user,
 * database (system and namespace), system, db (namespace), destination, address (of a callee), weight (1 without sampling).
 */
export async function spansInRange(
  store: SpanStore,
  within: TimeInterval,
  { share = {}, service, ...options }: RangeOptions,
) {
  const weight = await readWeight(store, within, options);
  const joined = share === 'none' ? ALL_TRACES : await readJoinedShare(store, within, share, options);
  const values = [within.start, within.end];
  const c = spanColumns(store);
  const fields = store.fields();
  const text = (...names: readonly string[]) => firstField(fields, ...names);
  const userField = NAMES.user.find((name) => fields.has(name));
  const ofService = service === undefined ? 'true' : `${c.service} = ${sqlText(service)}`;
  // DuckDB takes longer to plan a shape, also where nobody reads it, than to run many a statement.
  const shapeFor = (select: string) => (/\bshape\b/u.test(select) ? `${c.shape} AS shape, ` : '');
  const selected = (
    condition: string,
    { from = 'spans', select = '' } = {},
  ) => `SELECT hash(${c.traceId}, ${c.spanId}) AS id, hash(${c.traceId}, ${c.parentId}) AS parent,
      hash(${c.traceId}) AS trace, ${c.parentId} IS NULL AS root, _seq AS seq, ${text('service.version')} AS version, ${c.service} AS service,
      ${text('service.namespace')} AS namespace, ${c.name} AS name, ${c.kind} AS kind, ${c.error} AS error,
      ${text('exception.type')} AS problem, ${c.target} AS target, ${shapeFor(select)}${c.tool} AS tool,
      coalesce(nullif(nullif(${text('exception.message')}, ''), ${text('exception.type')}), nullif(${c.statusMessage}, '')) AS message,
      ${c.statusCode} AS status, ${c.duration} / 1e6 AS duration, _time AS time,
      ${userField === undefined ? 'NULL' : text(userField)} AS user,
      ${c.database} AS database,
      ${text(...NAMES.databaseSystem)} AS system, ${text(...NAMES.databaseName)} AS db,
      ${text(...NAMES.destination)} AS destination, ${text(...NAMES.callee)} AS address,
      ${weight ?? '1::DOUBLE'} AS weight
    FROM ${from} WHERE _time >= $1 AND _time < $2 AND ${c.isSpan} AND ${condition}`;
  const readTables = async (from: string, select: string, more: readonly unknown[]) => {
    const sql = `WITH RECURSIVE s AS NOT MATERIALIZED (${from})${select}`;
    return (await store.read(sql, [...values, ...more], options)).rows;
  };
  return {
    /** Whether any row has a field. */
    hasField: (name: string) => fields.has(name),
    userField,
    /** Whether spans count by their sample rates, in column `weight`. */
    weighted: weight !== undefined,
    /**
     * Conditions for rows of requests: SERVER spans, and other spans where a trace begins, unless it is a call whose caller is
     * not stored. No row matches both. The second condition reads only the columns of kind, parent and trace of other spans.
     */
    requests: [
      `${ofService} AND ${c.kind} = 'server'`,
      `${ofService} AND ${c.kind} <> 'server' AND (${c.parentId} IS NULL OR ${c.kind} NOT IN ('client', 'producer')) AND ${localRootSql(c)}`,
    ],
    /** The condition that a span is of the service; `true` for all services. */
    ofService,
    /** The traces whose spans are joined with other spans of their traces. */
    joined,
    /** The joined traces' spans of some kinds that match a condition, for FROM. */
    ofKinds: (kinds: readonly string[], condition = 'true') =>
      `(${selected(`${c.kind} IN (${kinds.map((kind) => `'${kind}'`).join(', ')}) AND ${condition} AND ${joined.condition}`)})`,
    matching: (condition: string) => `(${selected(condition)})`,
    /** Reads a statement that names no table `s`. */
    readPlain: async (sql: string) => (await store.read(sql, values, options)).rows,
    /**
     * Reads from table `s` of the spans that match a condition, with the exceptions of their log records.
     * @param select ` SELECT …`, or `, name AS (…) SELECT …` with further tables
     * @param more values of $3 and of the placeholders after it
     */
    readThrown: (select: string, condition: string, more: readonly unknown[] = []) =>
      readTables(
        selected(condition, { from: withLogExceptions(store, 'spans', recordedFor(within)), select }),
        select,
        more,
      ),
    /** As `readThrown`, without the exceptions of log records. */
    readMore: (select: string, condition: string, more: readonly unknown[] = []) =>
      readTables(selected(condition, { select }), select, more),
    /** Reads a select from table `s`. @param conditions a row must match one of them; no row may match two */
    read: async (select: string, ...conditions: readonly string[]) => {
      const spans = (conditions.length === 0 ? ['true'] : conditions).map((condition) =>
        selected(condition, { select }),
      );
      // Not materialized: a statement reads few of the columns, and may read them several times.
      const sql = `WITH s AS NOT MATERIALIZED (${spans.join(' UNION ALL ')}) ${select}`;
      return (await store.read(sql, values, options)).rows;
    },
  };
}
