import { dispatchInCaller, unwrapWithCall } from '../../road/undici/dispatched.ts';
import { bullmqListeners } from './bullmq.ts';
import type { Listeners } from './call.ts';
import { kafkajsListeners } from './kafkajs.ts';
import { mariadbListeners } from './mariadb.ts';
import { clientConnectOf, newClientOf, poolConnectOf, queryOf } from './pg.ts';
import { pgliteListeners } from './pglite.ts';
import { postgresListeners } from './postgres.ts';
import { sqliteListeners } from './sqlite.ts';

/**
 * What makes the spans of a library whose files get channels. A library without a line has its spans from what it publishes: a
 * version outside of its row is silent.
 */
export const LISTENERS: Readonly<Record<string, Listeners>> = {
  '@electric-sql/pglite': pgliteListeners,
  'better-sqlite3': sqliteListeners,
  bullmq: bullmqListeners,
  kafkajs: kafkajsListeners,
  libsql: sqliteListeners,
  mariadb: mariadbListeners,
  'node:sqlite': sqliteListeners,
  pg: {}, // its functions are replaced
  postgres: postgresListeners,
};

/** What makes another function of a function that is `replaced`, by library and name. */
export const REPLACING: Readonly<Record<string, Readonly<Record<string, (original: never) => object>>>> = {
  pg: { query: queryOf, connect: clientConnectOf },
  'pg-pool': { connect: poolConnectOf, newClient: newClientOf },
  undici: { dispatch: dispatchInCaller, unwrap: unwrapWithCall },
};
