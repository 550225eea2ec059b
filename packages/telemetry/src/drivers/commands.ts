import type { Attributes } from '@opentelemetry/api';
import { summarizeSql, withoutValues } from './sql-text.ts';

/** What drivers say of a command, as far as it is read. */
export interface DriverMessage {
  /** Redis: the name, and the words with `?` in place of values. */
  readonly command?: string;
  readonly args?: readonly string[];
  /** Redis: MULTI or PIPELINE, and how many commands it has. */
  readonly batchMode?: string;
  readonly batchSize?: number;
  /** SQL. */
  readonly query?: string;
  readonly database?: string | number;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly error?: unknown;
}

/** How the commands of a channel are shown. */
interface Command {
  /** Name and attributes of the span. */
  describe(message: DriverMessage): { readonly name: string; readonly attributes: Attributes };
  /** The database's own code of an error; undefined for an error of the driver. */
  statusCode(error: unknown): string | undefined;
}

/** A row per channel. ioredis has its channels from 5.11 on, @redis/client from 5.12, mysql2 from 3.20. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  'ioredis:batch': redis(() => []),
  'ioredis:command': redis(({ command = '', args = [] }) => [command, ...args]),
  'mysql2:execute': mysql((query) => query),
  'mysql2:query': mysql(withoutValues), // the driver has put the values in
  'node-redis:batch': redis(() => []),
  'node-redis:command': redis(({ args = [] }) => args),
};

/** The most characters of a command that a span has: a list of thousands of keys says no more. */
const MAX_TEXT = 8192;

/** https://opentelemetry.io/docs/specs/semconv/db/redis/ */
function redis(wordsOf: (message: DriverMessage) => readonly string[]): Command {
  return {
    describe(message) {
      const { command, batchMode = 'PIPELINE', batchSize, serverAddress, serverPort } = message;
      const operation = (command ?? batchMode).toUpperCase();
      const attributes = common('redis', message);
      attributes['db.operation.name'] = operation;
      const text = wordsOf(message).join(' ').slice(0, MAX_TEXT);
      if (text !== '') attributes['db.query.text'] = text;
      if (command === undefined) attributes['db.operation.batch.size'] = batchSize;
      const target = [serverAddress ?? [], serverPort ?? []].flat().join(':');
      return { name: `${operation} ${target}`.trim(), attributes };
    },
    // The first word of an error of Redis, such as WRONGTYPE.
    statusCode: (error) => /^[A-Z]+(?= )/.exec(String(Reflect.get(Object(error), 'message')))?.[0],
  };
}

/** https://opentelemetry.io/docs/specs/semconv/db/mysql/ */
function mysql(textOf: (query: string) => string): Command {
  return {
    describe(message) {
      const text = textOf(String(message.query).slice(0, MAX_TEXT));
      const { operation, tables, summary } = summarizeSql(text);
      const attributes = common('mysql', message);
      attributes['db.operation.name'] = operation;
      if (tables.length === 1) attributes['db.collection.name'] = tables[0];
      attributes['db.query.summary'] = summary;
      attributes['db.query.text'] = text;
      return { name: summary, attributes };
    },
    statusCode(error) {
      const { errno, sqlState } = Object(error);
      return sqlState === undefined ? undefined : String(errno);
    },
  };
}

function common(system: string, { database, serverAddress, serverPort }: DriverMessage): Attributes {
  const attributes: Attributes = { 'db.system.name': system };
  if (database !== undefined && database !== '') attributes['db.namespace'] = String(database);
  if (serverAddress !== undefined) attributes['server.address'] = serverAddress;
  if (serverPort !== undefined) attributes['server.port'] = serverPort;
  return attributes;
}
