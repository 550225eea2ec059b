import { installedPath } from '../common/installed-files.ts';
import { libraryOf } from '../common/installed-package.ts';

/** How the messages of a tracing channel are read: each form is a row of `FORMS`. */
export type Form =
  | 'graphql'
  | 'ioredis'
  | 'mongoose'
  | 'node-redis'
  | 'redis-batch'
  | 'sql'
  | 'sql-with-values';

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
  /** Files of CommonJS, and of ES modules, that get channels while Node loads them: paths in the package. */
  readonly files?: readonly string[];
  readonly modules?: readonly string[];
  /** Where its files that queue calls begin: on a stack, whoever is below them is not the caller. */
  readonly queues?: readonly string[];
  /** The library that it asks, in part or always. */
  readonly inner?: string;
  /** What makes its spans in place of this package. */
  readonly instrumentation?: string;
  /** The usual port of its server, and what people call that server. `run` names a server whose calls have no spans. */
  readonly server?: readonly [port: number, name: string];
}

/** All libraries, by the names of their packages. */
export const LIBRARIES: Readonly<Record<string, DriverLibrary>> = {
  '@electric-sql/pglite': {
    systems: ['postgresql'],
    isSilent: true,
    files: ['dist/index.cjs'],
    modules: ['dist/index.js'],
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
    files: ['lib/methods/transaction.js', 'lib/methods/wrappers.js'],
  },
  bullmq: {
    files: ['dist/cjs/classes/flow-producer.js', 'dist/cjs/classes/queue.js', 'dist/cjs/classes/worker.js'],
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
    files: ['src/consumer/runner.js', 'src/index.js', 'src/producer/messageProducer.js'],
    server: [9092, 'Kafka'],
  },
  libsql: { systems: ['sqlite'], isSilent: true, files: ['index.js'] },
  mariadb: {
    systems: ['mariadb', 'mysql'],
    isSilent: true,
    files: ['dist/promise.cjs'],
    modules: ['promise.js'],
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
  'node:sqlite': { systems: ['sqlite'], isSilent: true },
  pg: {
    systems: ['postgresql'],
    isSilent: true,
    files: ['lib/client.js', 'lib/native/client.js'],
    queues: ['lib/'],
    server: [5432, 'PostgreSQL'],
  },
  'pg-pool': { files: ['index.js'], queues: [''] },
  postgres: {
    systems: ['postgresql'],
    isSilent: true,
    files: ['cjs/src/connection.js', 'cjs/src/query.js'],
    modules: ['src/connection.js', 'src/query.js'],
    queues: ['src/', 'cjs/src/'],
    server: [5432, 'PostgreSQL'],
  },
  undici: { files: ['lib/dispatcher/dispatcher-base.js', 'lib/handler/unwrap-handler.js'] },
};

export { installedPath, libraryOf };

/** Whether a file queues calls, so that who is below it on a stack is not the caller. */
export function isQueue(file: string): boolean {
  const installed = installedPath(file);
  const library = libraryOf(installed);
  const { queues } = (Object.hasOwn(LIBRARIES, library) ? LIBRARIES[library] : undefined) ?? {};
  return queues?.some((start) => installed.startsWith(start, library.length + 1)) === true;
}
