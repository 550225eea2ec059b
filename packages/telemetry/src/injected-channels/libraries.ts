import { BULLMQ, bullmqListeners } from './bullmq.ts';
import type { Listeners } from './call.ts';
import { MARIADB, MARIADB_POOL, mariadbListeners } from './mariadb.ts';
import type { OtherTracer } from './other-tracers.ts';
import { POSTGRES, postgresListeners } from './postgres.ts';
import { betterSqliteListeners, libsqlListeners, SQLITE } from './sqlite.ts';

/** A function of a file, and its channel. */
export interface Injected {
  /** As `functionQuery` of @apm-js-collab/code-transformer. */
  readonly query: {
    readonly methodName?: string;
    readonly functionName?: string;
    readonly expressionName?: string;
    readonly kind: 'Sync' | 'Async';
  };
  /** As its `astQuery`, where a name alone says too little. */
  readonly selector?: string;
  readonly channel: string;
}

/** A library that publishes nothing. Its row goes on the day it publishes. */
export interface Library {
  /** The versions that this row has been tried with. */
  readonly versions: string;
  /** Files below the library's folder, and their functions. */
  readonly files: Readonly<Record<string, readonly Injected[]>>;
  /** Tracers that trace the library themselves: where one runs, the library is left to it. */
  readonly tracedBy: readonly OtherTracer[];
  /** Make the spans. */
  readonly listeners: Listeners;
}

/** Methods of the connector's inner connection and pool. In a bundle, other classes have methods of these names. */
const OF_MARIADB = {
  connection: Object.entries(MARIADB).map(([method, channel]) =>
    methodBeside('changeTransaction', method, channel),
  ),
  pool: [methodBeside('_acquireIdleConnection', 'getConnection', MARIADB_POOL)],
};

/** The table: library, versions, file, function and channel, and beside them the subscriber. */
export const TABLE: Readonly<Record<string, Library>> = {
  postgres: {
    versions: '>=3.3.0 <4.0.0',
    files: inEach(['src/', 'cjs/src/'], {
      'query.js': [
        { query: { methodName: 'constructor', kind: 'Sync' }, channel: POSTGRES.query },
        { query: { methodName: 'handle', kind: 'Async' }, channel: POSTGRES.handle },
      ],
      'connection.js': [
        { query: { functionName: 'Connection', kind: 'Sync' }, channel: POSTGRES.connection },
        { query: { functionName: 'execute', kind: 'Sync' }, channel: POSTGRES.execute },
        { query: { methodName: 'connect', kind: 'Sync' }, channel: POSTGRES.connect },
      ],
    }),
    tracedBy: ['dd-trace', 'Sentry'],
    listeners: postgresListeners,
  },
  'better-sqlite3': {
    versions: '>=11.0.0 <14.0.0',
    files: inEach(['lib/methods/'], {
      'wrappers.js': [
        { query: { expressionName: 'prepare', kind: 'Sync' }, channel: SQLITE.prepare },
        { query: { expressionName: 'exec', kind: 'Sync' }, channel: SQLITE.exec },
      ],
      'transaction.js': [
        { query: { expressionName: 'getController', kind: 'Sync' }, channel: SQLITE.controller },
      ],
    }),
    tracedBy: [],
    listeners: betterSqliteListeners,
  },
  mariadb: {
    versions: '>=3.5.0 <4.0.0',
    files: {
      'lib/connection.js': OF_MARIADB.connection,
      'lib/pool.js': OF_MARIADB.pool,
      'dist/promise.cjs': [...OF_MARIADB.connection, ...OF_MARIADB.pool],
      'dist/callback.cjs': [...OF_MARIADB.connection, ...OF_MARIADB.pool],
    },
    tracedBy: ['dd-trace'],
    listeners: mariadbListeners,
  },
  '@libsql/client': {
    versions: '>=0.14.0 <1.0.0',
    files: inEach(['lib-esm/', 'lib-cjs/'], {
      'sqlite3.js': ['executeStmt', 'executeMultiple'].map((name) => ({
        query: { functionName: name, kind: 'Sync' },
        channel: SQLITE.execute,
      })),
    }),
    tracedBy: [],
    listeners: libsqlListeners,
  },
  bullmq: {
    versions: '>=5.0.0 <7.0.0',
    files: inEach(['dist/esm/classes/', 'dist/cjs/classes/'], {
      'queue.js': [
        { query: { methodName: 'add', kind: 'Async' }, channel: BULLMQ.add },
        { query: { methodName: 'addBulk', kind: 'Async' }, channel: BULLMQ.addBulk },
      ],
      'flow-producer.js': [
        { query: { methodName: 'add', kind: 'Async' }, channel: BULLMQ.add },
        { query: { methodName: 'addBulk', kind: 'Async' }, channel: BULLMQ.addBulk },
      ],
      'worker.js': [{ query: { methodName: 'callProcessJob', kind: 'Async' }, channel: BULLMQ.process }],
    }),
    tracedBy: ['dd-trace'],
    listeners: bullmqListeners,
  },
};

/** The same files in the folder of each kind of modules. */
function inEach(folders: readonly string[], files: Library['files']): Library['files'] {
  return Object.fromEntries(
    folders.flatMap((folder) =>
      Object.entries(files).map(([file, functions]) => [folder + file, functions] as const),
    ),
  );
}

/** A method of the class that has another one. */
function methodBeside(other: string, method: string, channel: string): Injected {
  const selector = `ClassBody:has(> [key.name="${other}"]) > [key.name="${method}"] > FunctionExpression`;
  return { query: { methodName: method, kind: 'Sync' }, selector, channel };
}
