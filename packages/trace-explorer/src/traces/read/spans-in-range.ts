import { readWeight } from '../../query/run/read-weight.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { readField, spanColumns } from './span-columns.ts';
import type { TraceShare } from './trace-share.ts';

/** The spans of a time range as a table `s`, for statements that begin with this table. */
export type SpansInRange = Awaited<ReturnType<typeof spansInRange>>;

/** Fields that name users in the semantic conventions, the present one first. */
const USER_FIELDS = ['user.id', 'enduser.id', 'user.name'];

/**
 * The spans of a time range.
 *
 * Columns: id and parent (hashes, with which joins take two thirds of the time), root (whether the parent is missing),
 * seq (`_seq`), service, namespace, name, kind, error, problem (the exception's type), message, duration (ms), time, user,
 * database (system and namespace), system, db (namespace), server (address), destination, weight (1 without sampling).
 */
export async function spansInRange(
  store: SpanStore,
  { start, end }: { readonly start: bigint; readonly end: bigint },
  options: ReadOptions,
) {
  const weight = await readWeight(store, { start, end }, options);
  const c = spanColumns(store);
  const fields = store.fields();
  const text = (...names: readonly string[]) => {
    const found = names.flatMap((name) => fields.get(name) ?? []);
    const [first = 'CAST(NULL AS VARCHAR)', ...others] = found.map(({ sql }) => `CAST(${sql} AS VARCHAR)`);
    // A single column stays alone, so that DuckDB can skip rows before it reads the rows' other columns.
    return others.length === 0 ? first : `coalesce(${[first, ...others].join(', ')})`;
  };
  const userField = USER_FIELDS.find((name) => fields.has(name));
  const selected = (
    condition: string,
  ) => `SELECT hash(${c.traceId}, ${c.spanId}) AS id, hash(${c.traceId}, ${c.parentId}) AS parent,
      ${c.parentId} IS NULL AS root, _seq AS seq, ${c.service} AS service,
      ${readField(fields, 'service.namespace', 'VARCHAR')} AS namespace, ${c.name} AS name, ${c.kind} AS kind, ${c.error} AS error,
      ${text('exception.type')} AS problem,
      coalesce(nullif(${text('exception.message')}, ''), nullif(${c.statusMessage}, '')) AS message,
      ${c.duration} / 1e6 AS duration, _time AS time,
      ${userField === undefined ? 'NULL' : text(userField)} AS user,
      ${text('db.system.name', 'db.system')} AS system, ${text('db.namespace', 'db.name')} AS db,
      ${c.database} AS database,
      ${text('messaging.destination.name')} AS destination, ${text('server.address')} AS server,
      ${weight ?? '1::DOUBLE'} AS weight
    FROM spans WHERE _time >= $1 AND _time < $2 AND ${c.isSpan} AND ${condition}`;
  return {
    /** The field that names users. */
    userField,
    values: [start, end],
    /** Whether spans count by their sample rates, in column `weight`. */
    weighted: weight !== undefined,
    /**
     * Conditions for rows of requests: SERVER spans, and other spans without a parent. No row matches both. For the second
     * condition, only the columns of kind and parent are read from other spans.
     */
    requests: [`${c.kind} = 'server'`, `${c.kind} <> 'server' AND ${c.parentId} IS NULL`],
    /** Spans of some kinds in a share of the traces, for FROM. */
    ofKinds: (kinds: readonly string[], { condition }: TraceShare) =>
      `(${selected(`${c.kind} IN (${kinds.map((kind) => `'${kind}'`).join(', ')}) AND ${condition}`)})`,
    /** @param conditions a row must match one of them; no row may match two */
    sql: (select: string, ...conditions: readonly string[]) => {
      const spans = (conditions.length === 0 ? ['true'] : conditions).map(selected);
      // Not materialized: a statement reads few of the columns, and may read them several times.
      return `WITH s AS NOT MATERIALIZED (${spans.join(' UNION ALL ')}) ${select}`;
    },
  };
}
