import { installedPath, libraryOf } from '../common/installed-package.ts';

/** How the messages of a tracing channel are read: each form is a row of `FORMS`. */
export type Form =
  | 'graphql'
  | 'ioredis'
  | 'mongoose'
  | 'node-redis'
  | 'redis-batch'
  | 'sql'
  | 'sql-with-values';

/**
 * A function that gets a channel of its name, `async` if it returns a promise, and with `?` if some versions do not have it; or
 * what has such functions as members. `()` is what a function returns, and `await ()` what it promises. `set` is a member that
 * the class sets itself. `replaced` is a function that `injected/listeners.ts` replaces, without a channel.
 */
export type Functions =
  | 'sync'
  | 'async'
  | 'async?'
  | 'set'
  | 'replaced'
  | { readonly [member: string]: Functions };

/** A file of ES modules. */
interface ModuleFile {
  /** What it exports, by name. */
  readonly exports: Readonly<Record<string, Functions>>;
  /** Exported functions that get a channel themselves, by name → their names in the file, which alone can replace them. */
  readonly locals?: Readonly<Record<string, string>>;
}

/** A tracer of a vendor that gives libraries channels of its own. */
export type OtherTracer = 'dd-trace' | 'Sentry';

/** What is known of a library of a database, a cache, a queue or an API. Whoever needs to know of libraries reads these rows. */
export interface DriverLibrary {
  /** The systems that its spans name, as `db.system.name` or `messaging.system.name`; of statements, the first. `run` asks for them. */
  readonly systems?: readonly string[];
  /** The tracing channels of its commands, which it publishes itself → how their messages are read. */
  readonly commands?: Readonly<Record<string, Form>>;
  /** Tracing channels of connections, which open outside of all traces. */
  readonly connections?: readonly string[];
  /** The tracing channel of a caller who waits for a connection of a pool, and that of a connection which the pool opens. */
  readonly pool?: { readonly asked: string; readonly opened?: string };
  /** It publishes nothing, and `run` names it where it gets no channels and no instrumentation. */
  readonly isSilent?: true;
  /** The versions whose files get channels: from the first one, and before the second. Node's own modules have none. */
  readonly versions?: readonly [from: string, below: string];
  /**
   * Files of CommonJS that get channels while Node loads them → what they export: paths in the package. They go on the day the
   * library publishes. What listens to them is a line in `injected/listeners.ts`.
   */
  readonly files?: Readonly<Record<string, Functions>>;
  /** Its files of ES modules, where they are other ones. */
  readonly modules?: Readonly<Record<string, ModuleFile>>;
  /** Tracers that trace the library themselves: where one runs, the library is left to it. */
  readonly tracedBy?: readonly OtherTracer[];
  /** Where its files that queue calls begin: on a stack, whoever is below them is not the caller. */
  readonly queues?: readonly string[];
  /** The library that it asks, in part or always. */
  readonly inner?: string;
  /** What makes its spans in place of this package. */
  readonly instrumentation?: string;
  /** The usual port of its server, and what people call that server. `run` names a server whose calls have no spans. */
  readonly server?: readonly [port: number, name: string];
}

const PG_CLIENT = { prototype: { query: 'replaced', connect: 'replaced' } } as const;

const RUNS = { run: 'sync', get: 'sync', all: 'sync' } as const;
const ROWS = { iterate: { '()': { next: 'sync', return: 'sync' } } } as const;
const STATEMENTS = { query: 'async', execute: 'async', batch: 'async' } as const;
const CONNECTION = {
  'await ()': { ...STATEMENTS, beginTransaction: 'async', commit: 'async', rollback: 'async' },
} as const;
const PGLITE = {
  query: 'async',
  exec: 'async',
  execProtocol: 'async',
  execProtocolStream: 'async?',
} as const;
const ADD = { add: 'async', addBulk: 'async' } as const;

const QUERY = { prototype: { handle: 'sync', state: 'set' } } as const;
const OPENED = { '()': { connect: 'sync', execute: 'sync' } } as const;

const CREATE = {
  createPool: { '()': { ...STATEMENTS, getConnection: CONNECTION } },
  createPoolCluster: { '()': { getConnection: CONNECTION } },
  createConnection: CONNECTION,
} as const;

const CREATED = {
  createPool: 'createPool',
  createPoolCluster: 'createPoolCluster',
  createConnection: 'createConnection',
};

/** All libraries, by the names of their packages. */
export const LIBRARIES: Readonly<Record<string, DriverLibrary>> = {
  '@electric-sql/pglite': {
    systems: ['postgresql'],
    isSilent: true,
    versions: ['0.2.0', '1.0.0'],
    files: { 'dist/index.cjs': { PGlite: { prototype: PGLITE } } },
    modules: { 'dist/index.js': { exports: { PGlite: { prototype: PGLITE } } } },
    queues: ['dist/'],
  },
  '@libsql/client': { isSilent: true, inner: 'libsql' },
  '@redis/client': {
    systems: ['redis'],
    commands: { 'node-redis:batch': 'redis-batch', 'node-redis:command': 'node-redis' },
    connections: ['node-redis:connect'],
  },
  amqplib: { instrumentation: '@opentelemetry/instrumentation-amqplib', server: [5672, 'AMQP'] },
  'better-sqlite3': {
    systems: ['sqlite'],
    isSilent: true,
    versions: ['11.0.0', '14.0.0'],
    files: {
      'lib/methods/wrappers.js': { prepare: { '()': { ...RUNS, ...ROWS } }, exec: 'sync' },
      'lib/methods/transaction.js': 'sync',
    },
  },
  bullmq: {
    versions: ['5.0.0', '7.0.0'],
    files: {
      'dist/cjs/classes/queue.js': { Queue: { prototype: ADD } },
      'dist/cjs/classes/flow-producer.js': { FlowProducer: { prototype: ADD } },
      'dist/cjs/classes/worker.js': { Worker: { prototype: { callProcessJob: 'async' } } },
    },
    tracedBy: ['dd-trace'],
  },
  graphql: { commands: { 'graphql:execute': 'graphql' } },
  ioredis: {
    systems: ['redis'],
    commands: { 'ioredis:batch': 'redis-batch', 'ioredis:command': 'ioredis' },
    connections: ['ioredis:connect'],
  },
  kafkajs: {
    systems: ['kafka'],
    isSilent: true,
    versions: ['2.0.0', '3.0.0'],
    files: {
      'src/index.js': { prototype: { producer: 'sync' } },
      'src/producer/messageProducer.js': { '()': { send: 'async', sendBatch: 'async' } },
      'src/consumer/runner.js': { prototype: { start: 'async' } },
    },
    tracedBy: ['dd-trace', 'Sentry'],
    server: [9092, 'Kafka'],
  },
  libsql: {
    systems: ['sqlite'],
    isSilent: true,
    versions: ['0.4.0', '1.0.0'],
    files: { 'index.js': { prototype: { prepare: { '()': RUNS }, exec: 'sync' } } },
  },
  mariadb: {
    systems: ['mariadb', 'mysql'],
    isSilent: true,
    versions: ['3.5.1', '4.0.0'], // before 3.5.3 without CommonJS
    files: { 'dist/promise.cjs': { ...CREATE, default: CREATE } },
    modules: { 'promise.js': { exports: { ...CREATE, default: CREATE }, locals: CREATED } },
    tracedBy: ['dd-trace'],
    queues: ['lib/', 'dist/'],
  },
  mongodb: {
    systems: ['mongodb'],
    instrumentation: '@opentelemetry/instrumentation-mongodb',
    server: [27_017, 'MongoDB'],
  },
  mongoose: {
    systems: ['mongodb'],
    commands: {
      'mongoose:aggregate': 'mongoose',
      'mongoose:model:bulkWrite': 'mongoose',
      'mongoose:model:insertMany': 'mongoose',
      'mongoose:model:save': 'mongoose',
      'mongoose:query': 'mongoose',
    },
    inner: 'mongodb',
  },
  mssql: {
    systems: ['microsoft.sql_server'],
    commands: {
      'mssql:batch': 'sql-with-values',
      'mssql:bulk': 'sql-with-values',
      'mssql:execute': 'sql-with-values',
      'mssql:prepared-statement:execute': 'sql-with-values',
      'mssql:query': 'sql-with-values',
    },
    connections: ['mssql:connect'],
    server: [1433, 'SQL Server'],
  },
  mysql2: {
    systems: ['mysql'],
    // The text of a query has the values in it.
    commands: { 'mysql2:execute': 'sql', 'mysql2:query': 'sql-with-values' },
    connections: ['mysql2:connect'],
    pool: { asked: 'mysql2:pool:connect', opened: 'mysql2:connect' },
    queues: ['lib/pool', 'lib/base/pool'],
  },
  nats: { server: [4222, 'NATS'] },
  'node:sqlite': {
    systems: ['sqlite'],
    isSilent: true,
    files: { '': { DatabaseSync: { prototype: { prepare: { '()': { ...RUNS, ...ROWS } }, exec: 'sync' } } } },
  },
  pg: {
    systems: ['postgresql'],
    isSilent: true,
    versions: ['8.0.0', '9.0.0'],
    files: { 'lib/client.js': PG_CLIENT, 'lib/native/client.js': PG_CLIENT },
    tracedBy: ['dd-trace', 'Sentry'],
    queues: ['lib/'],
    server: [5432, 'PostgreSQL'],
  },
  'pg-pool': {
    versions: ['3.0.0', '4.0.0'],
    files: { 'index.js': { prototype: { connect: 'replaced', newClient: 'replaced' } } },
    tracedBy: ['dd-trace', 'Sentry'],
    queues: [''],
  },
  postgres: {
    systems: ['postgresql'],
    isSilent: true,
    versions: ['3.3.0', '4.0.0'],
    files: { 'cjs/src/query.js': { Query: QUERY }, 'cjs/src/connection.js': OPENED },
    modules: {
      'src/query.js': { exports: { Query: QUERY } },
      'src/connection.js': { exports: { default: OPENED }, locals: { default: 'Connection' } },
    },
    tracedBy: ['dd-trace', 'Sentry'],
    queues: ['src/', 'cjs/src/'],
    server: [5432, 'PostgreSQL'],
  },
  undici: {
    versions: ['6.0.0', '9.0.0'],
    files: {
      'lib/dispatcher/dispatcher-base.js': { prototype: { dispatch: 'replaced' } },
      'lib/handler/unwrap-handler.js': { unwrap: 'replaced' },
    },
  },
};

export { installedPath, libraryOf };

/** Whether a file queues calls, so that who is below it on a stack is not the caller. */
export function isQueue(file: string): boolean {
  const installed = installedPath(file);
  const library = libraryOf(installed);
  const { queues } = (Object.hasOwn(LIBRARIES, library) ? LIBRARIES[library] : undefined) ?? {};
  return queues?.some((start) => installed.startsWith(start, library.length + 1)) === true;
}
