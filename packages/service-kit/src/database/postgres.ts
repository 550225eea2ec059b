import { tracedDialect } from '@tandem/telemetry/kysely';
import { PostgresDialect } from 'kysely';
import pg from 'pg';
import type { DatabaseLocation, DatabaseOptions } from './database.ts';

/** Longest wait for a connection, new or in use. */
const CONNECT_TIMEOUT_MS = 2000;
/** Longest work of PostgreSQL on one statement. */
const STATEMENT_TIMEOUT_MS = 2000;
/** Longest wait for a statement's answer; then the connection is closed. Both waits end within a request's 5 s. */
const ANSWER_TIMEOUT_MS = 2500;
/** Longest silence inside a transaction; then PostgreSQL ends the transaction, so that a frozen service keeps no locks. */
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;
/** Connections are replaced after this time, so that they follow a changed DNS entry. */
const MAX_LIFETIME_SECONDS = 300;
/** Longest wait for a connection at the start. */
const LONG_TIMEOUT_MS = 10_000;
/** SQLSTATE of the answer to a write in a read-only session, or at a standby. */
const READ_ONLY = '25006';

type PostgresLocation = Extract<DatabaseLocation, { readonly url: string }>;

/** Kysely's dialect for PostgreSQL, with time limits and spans, and another without both for work that may take long. */
export function postgres({ url, poolSize = 10 }: PostgresLocation, options: DatabaseOptions) {
  const { onCreateConnection } = options;
  const { hostname, port, pathname } = new URL(url);
  const pool = openPool(url, poolSize);
  const plain = new PostgresDialect({ pool, ...(onCreateConnection && { onCreateConnection }) });
  const dialect = tracedDialect(plain, {
    system: 'postgresql',
    namespace: decodeURIComponent(pathname.slice(1)),
    serverAddress: hostname,
    serverPort: Number(port || 5432),
    poolSize,
  });
  return { dialect, dialectForLong: () => dialectForLong(url) };
}

function openPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    pipeline: true, // a connection whose answer is late is closed, not used again
    keepAlive: true,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
  });
  surviveBrokenConnections(pool);
  retireReadOnlySessions(pool);
  return pool;
}

/** Without these listeners, a connection that breaks would end the process. With them, the next statement fails or reconnects. */
function surviveBrokenConnections(pool: pg.Pool): void {
  pool.on('error', () => {});
  // The pool itself listens for errors of idle connections only, not inside a transaction.
  pool.on('connect', (client) => client.on('error', () => {}));
}

/**
 * Closes the connection of a write that was refused as read-only. A session keeps being read-only when its database takes
 * writes again, and stays at its server after a failover. A new connection leads to the primary.
 */
function retireReadOnlySessions(pool: pg.Pool): void {
  const retired = new WeakSet<pg.PoolClient>();
  pool.on('connect', (client) => {
    const { connection } = client as unknown as pg.Client;
    connection.on('errorMessage', ({ code }) => {
      if (code === READ_ONLY) retired.add(client);
    });
  });
  // The pool drops a client that has been ended.
  pool.on('release', (_error, client) => {
    if (retired.has(client)) void (client as unknown as pg.Client).end();
  });
}

function dialectForLong(url: string): PostgresDialect {
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: LONG_TIMEOUT_MS });
  surviveBrokenConnections(pool);
  return new PostgresDialect({ pool });
}
