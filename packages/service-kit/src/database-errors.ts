import type { Problem } from './problems.ts';
import { problems } from './problems.ts';

/**
 * SQLSTATE classes and codes, and socket errors, that mean: not this statement's fault, try again later. 08: connection;
 * 28: password or role; 3D: no such database; 53: out of resources; 57: cancelled, or shutting down; 25006: read-only.
 */
const UNAVAILABLE =
  /^(08...|25006|28...|3D000|53...|57P0[1235]|57014|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** Messages of pg without a code: a connection is gone, or all connections are in use. */
const LOST_CONNECTION =
  /^(timeout expired$|timeout exceeded when trying to connect$|Query read timeout$|Connection terminated|Client (has encountered a connection error|was closed) and is not queryable$|Cannot use a pool after calling end)/;
/** Busy, locked, read-only, I/O error, full, cannot open, no database. https://sqlite.org/rescode.html */
const SQLITE_UNAVAILABLE = new Set([5, 6, 8, 10, 13, 14, 26]);

/** The problem that a database's error is answered with; undefined for a fault of the statement itself. */
export function databaseProblem(error: Error): Problem | undefined {
  const sqlite = 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const code = 'code' in error ? String(error.code) : '';
  const isOfDatabase = 'severity' in error || 'syscall' in error || error instanceof AggregateError;
  const isAway =
    SQLITE_UNAVAILABLE.has(sqlite) ||
    (isOfDatabase && UNAVAILABLE.test(code)) ||
    LOST_CONNECTION.test(error.message);
  return isAway ? problems.DATABASE_UNAVAILABLE({ cause: error }) : undefined;
}
