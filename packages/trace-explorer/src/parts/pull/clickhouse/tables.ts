import { CliError } from '../../../core/command/client/explorer-client.ts';
import { listed, quoted } from '../../../lib/text/words.ts';
import type { Address } from './address.ts';
import { withoutSecrets } from './address.ts';
import { textOf } from './cells.ts';
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
];

/** Finds the tables of spans and of log records. @throws CliError naming another system's tables, or what lacks */
export async function findTables(
  engine: Engine,
  { database, traces, logs, secrets }: Address,
): Promise<{ traces: Table; logs?: Table }> {
  const rows = await engine.all(
    `SELECT name, engine, engine_full, sorting_key FROM system.tables WHERE database = ${text(database)} ORDER BY name LIMIT 10000`,
  );
  const seen = rows.map((row) => {
    const [name = '', kind = '', full = '', order = ''] = row.map(textOf);
    // `Distributed('cluster', 'database', 'table', …)`
    const over = kind === 'Distributed' ? full.split(/, |\)/, 3).at(2)?.replaceAll("'", '') : undefined;
    return { name, over, order };
  });
  /** The named table, else a Distributed one over the Collector's, else the Collector's. */
  const tableOf = async (named: string | null, usual: string, wanted: readonly string[]) => {
    const over = named === null ? seen.find((each) => each.over === usual) : undefined;
    const table = over ?? seen.find(({ name }) => name === (named ?? usual));
    if (table === undefined) return undefined;
    const types = await readTypes(engine, database, table.name, wanted);
    const columns = wanted.map((column) => column.replace('?', '')).filter((column) => types.has(column));
    const { order } = seen.find(({ name }) => name === table.over) ?? table;
    return {
      name: `${identifier(database)}.${identifier(table.name)}`,
      isJson: types.get('ResourceAttributes')?.startsWith('JSON') === true,
      columns: new Map(columns.map((column) => [column, valueSql(column, types.get(column) ?? '')])),
      within: (from: bigint, to: bigint) => withinSql(order, from, to),
    };
  };
  const ofTraces = await tableOf(traces, 'otel_traces', OF_TRACES);
  const ofLogs = await tableOf(logs, 'otel_logs', OF_LOGS);
  const names = seen.map(({ name }) => withoutSecrets(name, secrets));
  if (ofTraces === undefined) throw missing(database, traces ?? 'otel_traces', names);
  if (ofLogs === undefined && logs !== null) throw missing(database, logs, names);
  return { traces: ofTraces, ...(ofLogs && { logs: ofLogs }) };
}

/** The types of a table's columns. @throws CliError naming what lacks of the wanted ones */
async function readTypes(engine: Engine, database: string, table: string, wanted: readonly string[]) {
  const rows = await engine.all(
    `SELECT table, name, type FROM system.columns WHERE database = ${text(database)} AND table = ${text(table)} LIMIT 10000`,
  );
  const types = new Map(rows.map(([, column, type]) => [textOf(column), textOf(type)]));
  const lacks = wanted.filter((column) => !column.endsWith('?') && !types.has(column));
  if (lacks.length === 0) return types;
  throw new CliError(
    `${quoted(`${database}.${table}`)} is not a table of the Collector’s exporter: it has no ${listed(lacks)}. Name another one in the address: ?traces=TABLE&logs=TABLE`,
  );
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

function missing(database: string, wanted: string, names: readonly string[]): CliError {
  const [system] = OTHERS.find(([, form]) => names.some((name) => form.test(name))) ?? [];
  if (system !== undefined)
    return new CliError(
      `${quoted(database)} has the tables of ${system}. pull reads those of the Collector’s ClickHouse exporter.`,
    );
  const others = names.length === 0 ? 'no other' : listed(names.map((name) => quoted(name)));
  return new CliError(
    `This user sees no table ${quoted(wanted)} in ${quoted(database)}, and ${others} there. Name database and tables in the address (/DATABASE?traces=TABLE&logs=TABLE), or let an administrator GRANT SELECT on them.`,
  );
}
