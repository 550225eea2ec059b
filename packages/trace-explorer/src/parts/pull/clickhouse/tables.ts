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
  readonly columns: ReadonlySet<string>;
  /** SQL of the rows of a range in nanoseconds since the epoch, also in the words of the table's own order. */
  within(from: bigint, to: bigint): string;
}

const OF_TRACES =
  `Timestamp TraceId SpanId ParentSpanId SpanName SpanKind ServiceName ResourceAttributes SpanAttributes
  Duration StatusCode StatusMessage Events.Timestamp Events.Name Events.Attributes Links.TraceId Links.SpanId
  Links.TraceState Links.Attributes`.split(/\s+/);
const OF_LOGS = `Timestamp TraceId SpanId SeverityText SeverityNumber ServiceName Body ResourceAttributes
  LogAttributes`.split(/\s+/);

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
  const of = text(database);
  const tables = await engine.all(
    `SELECT name, engine, engine_full, sorting_key FROM system.tables WHERE database = ${of} ORDER BY name LIMIT 10000`,
  );
  const rows = await engine.all(
    `SELECT table, name, type FROM system.columns WHERE database = ${of} AND table IN
      (SELECT table FROM system.columns WHERE database = ${of} AND name IN ('TraceId', 'SpanId') GROUP BY table HAVING count() = 2)
    LIMIT 100000`,
  );
  const columns = Map.groupBy(rows, ([table]) => String(table));
  const found = tables.map((row) => {
    const [name = '', kind = '', full = '', order = ''] = row.map(String);
    // `Distributed('cluster', 'database', 'table', …)`
    const over = kind === 'Distributed' ? full.split(/, |\)/, 3).at(2)?.replaceAll("'", '') : undefined;
    return { name, over, order };
  });
  /** The named table, or a Distributed one over the usual name. */
  const tableOf = (
    named: string | undefined,
    usual: string,
    needed: readonly string[],
  ): Table | undefined => {
    const table =
      named === undefined
        ? (found.find(({ over }) => over === usual) ?? found.find(({ name }) => name === usual))
        : found.find(({ name }) => name === named);
    if (table === undefined) return undefined;
    const own = new Map(columns.get(table.name)?.map(([, name, type]) => [String(name), String(type)]));
    const lacks = needed.filter((name) => !own.has(name));
    if (lacks.length > 0)
      throw new CliError(
        `${quoted(`${database}.${table.name}`)} is not a table of the Collector’s exporter: it has no ${listed(lacks)}.`,
      );
    const order =
      table.over === undefined ? table.order : (found.find(({ name }) => name === table.over)?.order ?? '');
    return {
      name: `${identifier(database)}.${identifier(table.name)}`,
      isJson: (own.get('ResourceAttributes') ?? '').startsWith('JSON'),
      columns: new Set(own.keys()),
      within: (from, to) => withinSql(order, from, to),
    };
  };
  const ofTraces = tableOf(traces, 'otel_traces', OF_TRACES);
  if (ofTraces === undefined) throw missing(database, traces, found);
  const ofLogs = tableOf(logs, 'otel_logs', OF_LOGS);
  if (ofLogs === undefined && logs !== undefined)
    throw new CliError(`${quoted(database)} has no table ${quoted(logs)} that this user sees.`);
  return { traces: ofTraces, ...(ofLogs && { logs: ofLogs }) };
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
  named: string | undefined,
  tables: readonly { readonly name: string }[],
): CliError {
  const [system] = OTHERS.find(([, form]) => tables.some(({ name }) => form.test(name))) ?? [];
  if (system !== undefined && named === undefined)
    return new CliError(
      `${quoted(database)} has the tables of ${system}. pull reads those of the Collector’s ClickHouse exporter.`,
    );
  const seen = tables.length === 0 ? 'none' : listed(tables.map(({ name }) => quoted(name)));
  return new CliError(
    `${quoted(database)} has no table ${quoted(named ?? 'otel_traces')} that this user sees, but ${seen}. Name one in the address: ?traces=TABLE`,
  );
}
