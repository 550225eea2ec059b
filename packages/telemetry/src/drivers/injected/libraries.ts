import { dispatchInCaller, unwrapWithCall } from '../../node/undici/dispatched.ts';
import { bullmqListeners } from './bullmq.ts';
import type { Listeners } from './call.ts';
import { kafkajsListeners } from './kafkajs.ts';
import { mariadbListeners } from './mariadb.ts';
import type { OtherTracer } from './other-tracers.ts';
import { clientConnectOf, newClientOf, poolConnectOf, queryOf } from './pg.ts';
import { pgliteListeners } from './pglite.ts';
import { postgresListeners } from './postgres.ts';
import { sqliteListeners } from './sqlite.ts';

/**
 * A function that gets a channel of its name, `async` if it returns a promise, and with `?` if some versions do not have it; or
 * what has such functions as members. `()` is what a function returns, and `await ()` what it promises. `set` is a member that
 * the class sets itself. What makes another function of a function replaces it, without a channel.
 */
export type Functions =
  | 'sync'
  | 'async'
  | 'async?'
  | 'set'
  | ((original: never) => unknown)
  | { readonly [member: string]: Functions };

/** A file of ES modules. */
export interface ModuleFile {
  /** What it exports, by name. */
  readonly exports: Readonly<Record<string, Functions>>;
  /** Exported functions that get a channel themselves, by name → their names in the file, which alone can replace them. */
  readonly locals?: Readonly<Record<string, string>>;
}

/** A library that publishes nothing, or not enough. Its row goes on the day it publishes. */
export interface Library {
  /** The versions that this row has been tried with: from the first one, and before the second. Node's own modules have none. */
  readonly versions?: readonly [from: string, below: string];
  /** What files of its CommonJS export. `listed-files.ts` names each. */
  readonly files: Readonly<Record<string, Functions>>;
  /** Its files of ES modules, where they are other ones. `listed-files.ts` names each. */
  readonly modules?: Readonly<Record<string, ModuleFile>>;
  /** Tracers that trace the library themselves: where one runs, the library is left to it. */
  readonly tracedBy?: readonly OtherTracer[];
  /** Make the spans. A library without listeners has its spans from what it publishes: a version outside of the row is silent. */
  readonly listeners?: Listeners;
}

const PG_CLIENT = { prototype: { query: queryOf, connect: clientConnectOf } } as const;

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

/** The table: library, versions, files and functions, and beside them the subscriber. */
export const TABLE: Readonly<Record<string, Library>> = {
  pg: {
    versions: ['8.0.0', '9.0.0'],
    files: { 'lib/client.js': PG_CLIENT, 'lib/native/client.js': PG_CLIENT },
    tracedBy: ['dd-trace', 'Sentry'],
    listeners: {}, // its functions are replaced
  },
  'pg-pool': {
    versions: ['3.0.0', '4.0.0'],
    files: { 'index.js': { prototype: { connect: poolConnectOf, newClient: newClientOf } } },
    tracedBy: ['dd-trace', 'Sentry'],
  },
  postgres: {
    versions: ['3.3.0', '4.0.0'],
    files: {
      'cjs/src/query.js': { Query: QUERY },
      'cjs/src/connection.js': OPENED,
    },
    modules: {
      'src/query.js': { exports: { Query: QUERY } },
      'src/connection.js': { exports: { default: OPENED }, locals: { default: 'Connection' } },
    },
    tracedBy: ['dd-trace', 'Sentry'],
    listeners: postgresListeners,
  },
  '@electric-sql/pglite': {
    versions: ['0.2.0', '1.0.0'],
    files: { 'dist/index.cjs': { PGlite: { prototype: PGLITE } } },
    modules: { 'dist/index.js': { exports: { PGlite: { prototype: PGLITE } } } },
    listeners: pgliteListeners,
  },
  'better-sqlite3': {
    versions: ['11.0.0', '14.0.0'],
    files: {
      'lib/methods/wrappers.js': { prepare: { '()': { ...RUNS, ...ROWS } }, exec: 'sync' },
      'lib/methods/transaction.js': 'sync',
    },
    listeners: sqliteListeners,
  },
  libsql: {
    versions: ['0.4.0', '1.0.0'],
    files: { 'index.js': { prototype: { prepare: { '()': RUNS }, exec: 'sync' } } },
    listeners: sqliteListeners,
  },
  'node:sqlite': {
    files: { '': { DatabaseSync: { prototype: { prepare: { '()': { ...RUNS, ...ROWS } }, exec: 'sync' } } } },
    listeners: sqliteListeners,
  },
  mariadb: {
    versions: ['3.5.1', '4.0.0'], // before 3.5.3 without CommonJS
    files: { 'dist/promise.cjs': { ...CREATE, default: CREATE } },
    modules: { 'promise.js': { exports: { ...CREATE, default: CREATE }, locals: CREATED } },
    tracedBy: ['dd-trace'],
    listeners: mariadbListeners,
  },
  bullmq: {
    versions: ['5.0.0', '7.0.0'],
    files: {
      'dist/cjs/classes/queue.js': { Queue: { prototype: ADD } },
      'dist/cjs/classes/flow-producer.js': { FlowProducer: { prototype: ADD } },
      'dist/cjs/classes/worker.js': { Worker: { prototype: { callProcessJob: 'async' } } },
    },
    tracedBy: ['dd-trace'],
    listeners: bullmqListeners,
  },
  kafkajs: {
    versions: ['2.0.0', '3.0.0'],
    files: {
      'src/index.js': { prototype: { producer: 'sync' } },
      'src/producer/messageProducer.js': { '()': { send: 'async', sendBatch: 'async' } },
      'src/consumer/runner.js': { prototype: { start: 'async' } },
    },
    tracedBy: ['dd-trace', 'Sentry'],
    listeners: kafkajsListeners,
  },
  undici: {
    versions: ['6.0.0', '9.0.0'],
    files: {
      'lib/dispatcher/dispatcher-base.js': { prototype: { dispatch: dispatchInCaller } },
      'lib/handler/unwrap-handler.js': { unwrap: unwrapWithCall },
    },
  },
};
