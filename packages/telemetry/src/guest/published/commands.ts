import type { Attributes, Context, Link } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import type { Form } from '../libraries.ts';
import { LIBRARIES } from '../libraries.ts';
import { MYSQL, STANDARD, summarizeSql, withoutValues } from './sql-text.ts';

/** The parts that are read of a driver's message. */
export interface DriverMessage {
  /** Redis: the name, and the words with `?` in place of values. */
  readonly command?: string;
  readonly args?: readonly string[];
  /** Redis: MULTI or PIPELINE, and the number of its commands. */
  readonly batchMode?: string;
  readonly batchSize?: number;
  /** SQL: a text, as `command` in mssql; its prepared statements, procedures and tables for `bulk`. */
  readonly query?: string;
  readonly statement?: string;
  readonly procedure?: string;
  readonly table?: string;
  readonly database?: string | number;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  /** node-redis: the connection, and when a task of a pool began to wait for the connection. */
  readonly clientId?: string;
  readonly waitStartTimestamp?: number;
  /** mssql: the pool, whose server only the message of its connecting names. */
  readonly poolId?: number;
  readonly server?: string;
  readonly port?: number;
  /** Mongoose; GraphQL has `operationType` and `operationName`. */
  readonly operation?: string;
  readonly collection?: string;
  readonly operationType?: string;
  readonly operationName?: string;
  readonly error?: unknown;
  readonly result?: unknown;
  /** The pool whose connection runs the command, where that is known, and its most connections. */
  readonly pool?: object;
  readonly poolSize?: number;
}

/** What a span says. */
export interface Described {
  readonly name: string;
  readonly attributes: Attributes;
  readonly links?: Link[];
}

/** How the commands of a channel are shown. */
export interface Command<M extends DriverMessage = DriverMessage> {
  /** Name and attributes of the span; undefined for a command that has no span. */
  describe(message: M): Described | undefined;
  /** The database's own code of an error; undefined for an error of the driver. */
  statusCode?(error: unknown): string | undefined;
  /** Default: CLIENT. */
  readonly kind?: SpanKind;
  /** Whether the span is active while the command runs, as the parent of other spans. */
  readonly isParent?: boolean;
  /** Whether an error is a failure; default: each is. */
  isFailure?(error: unknown): boolean;
  /** Whether a list that is a result has the rows that the database returned. */
  readonly hasRows?: true;
  /** Finds an error in a result. */
  failureIn?(result: unknown): unknown;
  /** The context that the span is made in; undefined: the command has no span. Default: the active one, in a trace. */
  contextOf?(message: M): Context | undefined;
  /** What is known only at the end. */
  atEnd?(message: M): Partial<Described>;
  /** The error as a span may tell it, where the driver's own has values. */
  told?(error: unknown): unknown;
  /** Puts the context of the span into what is sent. */
  send?(message: M, sent: Context): void;
}

/** How the messages of each form are read, by the system of the library. */
const FORMS: Readonly<Record<Form, (system: string) => Command>> = {
  graphql,
  ioredis: () => redis(({ command = '', args = [] }) => [command, ...args]),
  mongoose,
  'node-redis': () => redis(({ args = [] }) => args),
  'redis-batch': () => redis(() => []),
  sql: (system) => sqlOf(system),
  'sql-with-values': (system) => sqlOf(system, system === 'mysql' ? MYSQL : STANDARD),
};

/**
 * The commands of all libraries, by channel. The channels exist from ioredis 5.11, @redis/client 5.12, mysql2 3.20, mssql 12.7,
 * graphql 17 and mongoose 9.12 on.
 */
export const COMMANDS: Readonly<Record<string, Command>> = Object.fromEntries(
  Object.values(LIBRARIES).flatMap(({ commands = {}, systems: [system = ''] = [] }) =>
    Object.entries(commands).map(([channel, form]) => [channel, FORMS[form](system)]),
  ),
);

/** Longest command on a span, in characters: a list of thousands of keys says no more. */
const MAX_TEXT = 8192;

/** https://opentelemetry.io/docs/specs/semconv/db/redis/ */
function redis(wordsOf: (message: DriverMessage) => readonly string[]): Command {
  return {
    describe(message) {
      const { command, batchMode = 'PIPELINE', batchSize, serverAddress, serverPort } = message;
      const operation = (command ?? batchMode).toUpperCase();
      const attributes = common('redis', message);
      attributes['db.operation.name'] = operation;
      const words = wordsOf(message);
      // Of a script its keys are enough: its text and values are left out.
      const script = () => words.slice(0, 3 + Math.max(0, Number(words[2]) || 0)).toSpliced(1, 1, '?');
      const text = (/^(?:EVAL|FCALL)/.test(operation) ? script() : words).join(' ').slice(0, MAX_TEXT);
      if (text !== '') attributes['db.query.text'] = text;
      if (command === undefined) attributes['db.operation.batch.size'] = batchSize;
      const target = [serverAddress ?? [], serverPort ?? []].flat().join(':');
      return { name: `${operation} ${target}`.trim(), attributes };
    },
    // The first word of an error of Redis, such as WRONGTYPE.
    statusCode: (error) => /^[A-Z]+(?= )/.exec(String(Reflect.get(Object(error), 'message')))?.[0],
  };
}

/**
 * Statements of SQL, by https://opentelemetry.io/docs/specs/semconv/db/sql/
 *
 * @param values tokens of the database, where the text has values in it
 */
function sqlOf(system: string, values?: RegExp): Command {
  return {
    describe: (message) => describeSql(system, sqlIn(message), databaseOf(message), values),
    hasRows: true,
    statusCode: sqlErrorNumber,
  };
}

function sqlIn({ query, statement, command, procedure, table }: DriverMessage): string | undefined {
  const called = procedure === undefined ? undefined : `EXEC ${procedure}`;
  return query ?? statement ?? command ?? called ?? (table && `INSERT INTO ${table}`);
}

/** Databases by the number of their pool. More are forgotten: an app may make new pools for ever. */
const databases = new Map<number, Database>();
const MAX_POOLS = 1_000;

/** Notes the database of a pool that connects. */
export function noteDatabase({ poolId, server, port, database }: DriverMessage): void {
  if (poolId === undefined || server === undefined) return;
  if (databases.size >= MAX_POOLS) databases.clear();
  databases.set(poolId, {
    serverAddress: server,
    ...(port !== undefined && { serverPort: port }),
    ...(database !== undefined && { database }),
  });
}

function databaseOf(message: DriverMessage): Database {
  return (message.poolId === undefined ? undefined : databases.get(message.poolId)) ?? message;
}

/** The number of an error that the server has sent: MySQL as `errno`, SQL Server as `number`. */
export function sqlErrorNumber(error: unknown): string | undefined {
  const { errno, sqlState, number } = Object(error);
  if (sqlState !== undefined) return String(errno);
  return typeof number === 'number' ? String(number) : undefined;
}

/**
 * The span of an SQL statement.
 *
 * @param parts tokens of the database, with which values are taken out of the text; default: it has none
 */
export function describeSql(system: string, sql: unknown, database: Database, parts?: RegExp): Described {
  const cut = String(sql).slice(0, MAX_TEXT);
  const text = parts === undefined ? cut : withoutValues(cut, parts);
  const { operation, collection, summary } = summarizeSql(text);
  const attributes = common(system, database);
  attributes['db.operation.name'] = operation;
  if (collection !== undefined) attributes['db.collection.name'] = collection;
  attributes['db.query.summary'] = summary;
  attributes['db.query.text'] = text;
  return { name: summary, attributes };
}

/** The span of a client that connects to a database, or waits for a connection. */
export function describeConnect(system: string, database: Database): Described {
  const attributes = { ...common(system, database), 'db.operation.name': 'connect' };
  return { name: `connect ${database.database ?? ''}`.trim(), attributes };
}

/** https://opentelemetry.io/docs/specs/semconv/db/mongodb/ */
function mongoose(): Command {
  return {
    describe(message) {
      const { operation = 'command', collection = '' } = message;
      const attributes = common('mongodb', message);
      attributes['db.operation.name'] = operation;
      attributes['db.collection.name'] = collection;
      return { name: `${operation} ${collection}`.trim(), attributes };
    },
    statusCode(error) {
      const { code } = Object(error);
      return typeof code === 'number' ? String(code) : undefined;
    },
    isParent: true,
  };
}

/** https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/ The document may hold values, and is left out. */
function graphql(): Command {
  return {
    describe({ operationType = 'GraphQL Operation', operationName }) {
      const attributes: Attributes = { 'graphql.operation.type': operationType };
      if (operationName !== undefined) attributes['graphql.operation.name'] = operationName;
      return { name: operationType, attributes };
    },
    kind: SpanKind.INTERNAL,
    isParent: true,
    failureIn: (result) => Object(result).errors?.[0],
  };
}

/** The database of a command. */
export type Database = Pick<DriverMessage, 'database' | 'serverAddress' | 'serverPort'>;

/** Attributes of a command of any database. */
function common(system: string, { database, serverAddress, serverPort }: Database): Attributes {
  const attributes: Attributes = { 'db.system.name': system };
  if (database !== undefined && database !== '') attributes['db.namespace'] = String(database);
  if (serverAddress !== undefined) attributes['server.address'] = serverAddress;
  if (serverPort !== undefined) attributes['server.port'] = serverPort;
  return attributes;
}
