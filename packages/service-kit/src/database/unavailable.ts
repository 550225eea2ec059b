/** SQLSTATE classes and codes, and socket errors, that mean: not this statement's fault, try again later. */
const UNAVAILABLE =
  /^(08...|53...|57P0[123]|57014|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/;

const SQLITE_BUSY = 5;

/** Whether a database's error says that the database is away, shutting down or overloaded. */
export function isDatabaseUnavailable(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && UNAVAILABLE.test(error.code))
    return 'severity' in error || 'syscall' in error;
  if ('errcode' in error && typeof error.errcode === 'number') return (error.errcode & 0xff) === SQLITE_BUSY;
  return (
    error.message === 'timeout exceeded when trying to connect' ||
    error.message === 'Query read timeout' ||
    error.message.startsWith('Connection terminated')
  );
}
