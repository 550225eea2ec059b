import { CliError } from '../../../core/command/client/explorer-client.ts';
import { listed, quoted } from '../../../core/shared/words.ts';
import type { Address } from './address.ts';
import type { Engine } from './engine.ts';
import { identifier, text } from './sql.ts';

/** A table of the Collector's exporter. */
export interface Table {
  /** With its database, quoted. */
  readonly name: string;
  /** Whether attributes are in columns of type JSON; else in maps of text. */
  readonly isJson: boolean;
  /** The columns that a pull takes, each with the SQL of its value. */
  readonly columns: ReadonlyMap<string, string>;
  /** SQL of the rows of a range in nanoseconds since the epoch, also in the words of the table's own order. */
  within(from: bigint, to: bigint): string;
}

/** The exporter's columns. Not every version has those with a question mark. */
const OF_TRACES =
  `TraceId SpanId ParentSpanId TraceState? SpanName SpanKind Timestamp Duration StatusCode StatusMessage
  ScopeName? ScopeVersion? ResourceAttributes SpanAttributes Events.Timestamp Events.Name Events.Attributes
  Links.TraceId Links.SpanId Links.TraceState Links.Attributes ServiceName`.split(/\s+/);
const OF_LOGS =
  `TraceId SpanId Timestamp TraceFlags? SeverityText SeverityNumber Body EventName? ResourceSchemaUrl?
  ScopeSchemaUrl? ScopeName? ScopeVersion? ResourceAttributes ScopeAttributes? LogAttributes ServiceName`.split(
    /\s+/,
  );

/** Other systems that keep traces in ClickHouse, by names of their tables. */
const OTHERS: readonly (readonly [system: string, table: RegExp])[] = [
  ['SigNoz', /^(?:distributed_)?signoz_/],
  ['Jaeger', /^(?:jaeger_\w+|trace_id_timestamps|attribute_metadata)$/],
  ['Uptrace', /^(?:spans_index|spans_data|tracing_spans)$/],
];

/** Finds the tables of spans and of log records. @throws CliError naming another system's tables, or what lacks */
export async function findTables(
  engine: Engine,
  { database, traces, logs }: Address,
): Promise<{ traces: Table; logs?: Table }> {
  const found = (
    await engine.all(
      `SELECT name, engine, engine_full, sorting_key FROM system.tables WHERE database = ${text(database)} ORDER BY name LIMIT 10000`,
    )
  ).map((row) => {
    const [name = '', kind = '', full = '', order = ''] = row.map(String);
    // `Distributed('cluster', 'database', 'table', …)`
    const over = kind === 'Distributed' ? full.split(/, |\)/, 3).at(2)?.replaceAll("'", '') : undefined;
    return { name, over, order };
  });
  /** The named table, else a Distributed one over the Collector's, else the Collector's. */
  const tableOf = async (named: string | undefined, usual: string, wanted: readonly string[]) => {
    const table =
      named === undefined
        ? (found.find(({ over }) => over === usual) ?? found.find(({ name }) => name === usual))
        : found.find(({ name }) => name === named);
    if (table === undefined) return undefined;
    const rows = await engine.all(
      `SELECT table, name, type FROM system.columns WHERE database = ${text(database)} AND table = ${text(table.name)} LIMIT 10000`,
    );
    const types = new Map(rows.map(([, name, type]) => [String(name), String(type)]));
    const lacks = wanted.filter((name) => !name.endsWith('?') && !types.has(name));
    if (lacks.length > 0)
      throw new CliError(
        `${quoted(`${database}.${table.name}`)} is not a table of the Collector’s exporter: it has no ${listed(lacks)}. Name another one in the address: ?traces=TABLE&logs=TABLE`,
      );
    const local = table.over === undefined ? table : found.find(({ name }) => name === table.over);
    return {
      name: `${identifier(database)}.${identifier(table.name)}`,
      isJson: types.get('ResourceAttributes')?.startsWith('JSON') === true,
      columns: new Map(
        wanted
          .map((name) => name.replace('?', ''))
          .filter((name) => types.has(name))
          .map((name) => [name, valueSql(name, types.get(name) ?? '')]),
      ),
      within: (from: bigint, to: bigint) => withinSql(local?.order ?? '', from, to),
    };
  };
  const ofTraces = await tableOf(traces, 'otel_traces', OF_TRACES);
  if (ofTraces === undefined) throw missing(database, traces, found);
  const ofLogs = await tableOf(logs, 'otel_logs', OF_LOGS);
  if (ofLogs === undefined && logs !== undefined)
    throw new CliError(`${quoted(database)} has no table ${quoted(logs)} that this user sees.`);
  return { traces: ofTraces, ...(ofLogs && { logs: ofLogs }) };
}

/**
 * A column's value as JSON keeps it. Whole numbers of 64 bits and times are texts: a number above 2^53 would be rounded, and a
 * text of a time is in the server's time zone. An object is its own text and its types: `{"a":1,"a.b":2}` would have `a` twice.
 */
function valueSql(value: string, type: string): string {
  if (type.startsWith('Array(')) {
    const each = valueSql('x', type.slice(6));
    return each === 'x' ? value : `arrayMap(x -> ${each}, ${value})`;
  }
  if (type.startsWith('DateTime64')) return `toString(toUnixTimestamp64Nano(${value}))`;
  if (/^U?Int64/.test(type)) return `toString(${value})`;
  return type.startsWith('JSON') ? `(toJSONString(${value}), JSONAllPathsWithTypes(${value}))` : value;
}

/**
 * The primary key begins with service and name. By the time alone it excludes nothing, so each of its expressions of the time
 * is asked for too.
 */
function withinSql(order: string, from: bigint, to: bigint): string {
  const at = (time: bigint) => `fromUnixTimestamp64Nano(toInt64(${time}))`;
  const keys = new Set(
    order.match(
      /\bto(?:Date|DateTime|UnixTimestamp|StartOf\w+)\(Timestamp(?:Time)?\)|\bTimestampTime\b(?!\))/g,
    ),
  );
  const inKey = [...keys].flatMap((key) => {
    const bound = (time: bigint) =>
      key.replace(/\bTimestamp(Time)?\b/, (_, isSeconds) =>
        isSeconds ? `toDateTime(${at(time)})` : at(time),
      );
    return [`${key} >= ${bound(from)}`, `${key} <= ${bound(to)}`];
  });
  return [`Timestamp >= ${at(from)}`, `Timestamp < ${at(to)}`, ...inKey].join(' AND ');
}

function missing(
  database: string,
  named = 'otel_traces',
  tables: readonly { readonly name: string }[],
): CliError {
  const names = tables.map(({ name }) => name);
  const [system] = OTHERS.find(([, form]) => names.some((name) => form.test(name))) ?? [];
  return new CliError(
    names.length === 0
      ? `This user sees no table in ${quoted(database)}. Look whether the address has the right database, or let an administrator GRANT SELECT on its tables.`
      : system !== undefined
        ? `${quoted(database)} has the tables of ${system}. pull reads those of the Collector’s ClickHouse exporter.`
        : `${quoted(database)} has no table ${quoted(named)} that this user sees, but ${listed(names.map((name) => quoted(name)))}. Name one in the address: ?traces=TABLE`,
  );
}
