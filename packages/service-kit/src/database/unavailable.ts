/**
 * SQLSTATE classes and codes, and socket errors, that mean: not this statement's fault, try again later. 25006: it is a
 * standby, or has become one. 26000, 42P05: a pooler between mixes up the names of statements.
 */
const UNAVAILABLE =
  /^(08...|25006|26000|42P05|53...|57P0[1235]|57014|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** What pg says, without a code, when a connection is gone or cannot be had. */
const LOST_CONNECTION =
  /^(timeout exceeded when trying to connect$|timeout expired$|Query read timeout$|Connection terminated|Client (has encountered a connection error|was closed) and is not queryable$)/;

/** SQLite's result code for a file that another process is writing. Extended codes end in the same byte. */
const SQLITE_BUSY = 5;

/** Names of SQLite's result codes, from 1 on. https://sqlite.org/rescode.html */
const SQLITE_NAMES = (
  ' ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL ' +
  'EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB'
)
  .split(' ')
  .map((name) => name || undefined);

/** SQLite's result codes that are no statement's fault: busy, locked, read-only, I/O error, full, cannot open, WAL. */
const SQLITE_UNAVAILABLE = new Set([SQLITE_BUSY, 6, 8, 10, 13, 14, 15]);

/** Whether a database's error says that the database is away, shutting down, overloaded or out of room. */
export function isDatabaseUnavailable(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && UNAVAILABLE.test(error.code))
    if ('severity' in error || 'syscall' in error || error instanceof AggregateError) return true;
  return SQLITE_UNAVAILABLE.has(sqliteCode(error) ?? -1) || LOST_CONNECTION.test(error.message);
}

/**
 * Gives an error of a driver a code that says what it was, which spans have as `error.type`: node:sqlite says
 * ERR_SQLITE_ERROR of everything, and pg nothing of a connection that is gone.
 * @returns the error itself
 */
export function withCode(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const sqlite = SQLITE_NAMES[sqliteCode(error) ?? 0];
  if (sqlite !== undefined) return Object.assign(error, { code: `SQLITE_${sqlite}` });
  if ('code' in error || !LOST_CONNECTION.test(error.message)) return error;
  return Object.assign(error, { code: /time/.test(error.message) ? 'ETIMEDOUT' : 'ECONNRESET' });
}

/** Whether SQLite refused because another process is writing. */
export function isSqliteBusy(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY;
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
}
