import { bullmqListeners } from './bullmq.ts';
import type { Listeners } from './call.ts';
import { kafkajsListeners } from './kafkajs.ts';
import { mariadbListeners } from './mariadb.ts';
import type { OtherTracer } from './other-tracers.ts';
import { postgresListeners } from './postgres.ts';
import { betterSqliteListeners, libsqlListeners } from './sqlite.ts';

/** A library that publishes nothing. Its row goes on the day it publishes. */
export interface Library {
  /** The versions that this row has been tried with. */
  readonly versions: string;
  /** The folder of its CommonJS. */
  readonly folder: string;
  /**
   * Functions of a file: `Async methodName handle` for the method `handle`, which returns a promise. A `Published` function
   * only tells of its end. Where other classes of the file have a method of this name, a further word is a method beside it.
   */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Tracers that trace the library themselves: where one runs, the library is left to it. */
  readonly tracedBy: readonly OtherTracer[];
  /** Make the spans. */
  readonly listeners: Listeners;
}

const MARIADB = [
  ...['query', 'prepareExecute', 'batch', 'changeTransaction'].map(
    (method) => `Sync methodName ${method} changeTransaction`,
  ),
  'Sync methodName getConnection _acquireIdleConnection',
];
const ADD = ['Async methodName add', 'Async methodName addBulk'];

/** The table: library, versions, files and functions, and beside them the subscriber. */
export const TABLE: Readonly<Record<string, Library>> = {
  postgres: {
    versions: '>=3.3.0 <4.0.0',
    folder: 'cjs/src/',
    files: {
      'query.js': ['Published methodName constructor', 'Async methodName handle'],
      'connection.js': [
        'Sync functionName Connection',
        'Sync functionName execute',
        'Sync methodName connect',
      ],
    },
    tracedBy: ['dd-trace', 'Sentry'],
    listeners: postgresListeners,
  },
  'better-sqlite3': {
    versions: '>=11.0.0 <14.0.0',
    folder: 'lib/methods/',
    files: {
      'wrappers.js': ['Sync expressionName prepare', 'Sync expressionName exec'],
      'transaction.js': ['Sync expressionName getController'],
    },
    tracedBy: [],
    listeners: betterSqliteListeners,
  },
  mariadb: {
    versions: '>=3.5.3 <4.0.0',
    folder: 'dist/',
    files: {
      'promise.cjs': MARIADB,
      'callback.cjs': MARIADB,
    },
    tracedBy: ['dd-trace'],
    listeners: mariadbListeners,
  },
  '@libsql/client': {
    versions: '>=0.14.0 <1.0.0',
    folder: 'lib-cjs/',
    files: { 'sqlite3.js': ['Sync functionName executeStmt', 'Sync functionName executeMultiple'] },
    tracedBy: [],
    listeners: libsqlListeners,
  },
  bullmq: {
    versions: '>=5.0.0 <7.0.0',
    folder: 'dist/cjs/classes/',
    files: {
      'queue.js': ADD,
      'flow-producer.js': ADD,
      'worker.js': ['Async methodName callProcessJob'],
    },
    tracedBy: ['dd-trace'],
    listeners: bullmqListeners,
  },
  kafkajs: {
    versions: '>=2.0.0 <3.0.0',
    folder: 'src/',
    files: {
      'index.js': ['Sync methodName producer'],
      // All ways to send end there.
      'producer/messageProducer.js': ['Async expressionName sendBatch'],
      'consumer/runner.js': ['Published methodName constructor'],
    },
    tracedBy: ['dd-trace', 'Sentry'],
    listeners: kafkajsListeners,
  },
};
