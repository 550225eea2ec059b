/** The store cannot do it now: send the same spans, or ask the same, again after `retryAfterSeconds`. */
export class StoreBusyError extends Error {
  override readonly name: string = 'StoreBusyError';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number, why = "The store's writer is behind") {
    super(`${why}; retry in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** DuckDB has given up the store's file, which is being opened anew: send the same spans, or ask the same, again. */
export class StoreReopeningError extends StoreBusyError {
  override readonly name: string = 'StoreReopeningError';

  constructor(retryAfterSeconds: number) {
    super(retryAfterSeconds, "The store's file is being opened anew");
  }
}

/** The store was closed, or is closing. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';

  constructor() {
    super('The store is closed');
  }
}

/** The disk has no room for what was sent: it is worth sending again when there is some. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';

  constructor(cause?: unknown) {
    super(
      'the disk of the explorer’s store is full, so nothing more is taken and senders are asked to come again; make room there, and set EXPLORER_MAX_BYTES to what it has room for. It goes on by itself then',
      { cause },
    );
  }
}

/** A statement ran longer than it was allowed to. */
export class ReadTimeoutError extends Error {
  override readonly name = 'ReadTimeoutError';

  constructor(timeoutMs: number) {
    super(`Reading took longer than ${timeoutMs} ms`);
  }
}

/** A statement needed more memory than DuckDB is given. */
export class ReadMemoryError extends Error {
  override readonly name = 'ReadMemoryError';

  constructor() {
    super('Reading needs more memory than the explorer has');
  }
}

/** The store's file cannot be opened: held by another process, damaged, or written by another version. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
}

/** A file of the store was removed while it was open: what is written to it is gone with the process. */
export class StoreGoneError extends Error {
  override readonly name = 'StoreGoneError';

  constructor(path: string) {
    super(
      `${path} was removed or replaced while the explorer was running; the store is opened anew, with what is there now`,
    );
  }
}

/** What stands in the way is not the file's content: the same file can be opened once that has changed. */
const OUTSIDE_THE_FILE =
  /lock on file|Permission denied|Operation not permitted|No space left|quota exceeded|Read-only file system|Too many open files|Is a directory|Not a directory|No such file|Input\/output error/iu;

/** DuckDB's errors say their kind first. */
const DUCKDB_ERROR = /^[A-Z][A-Za-z ]* Error: /u;

/** Whether an error of DuckDB says that what is in the file cannot be read, however often it is tried. */
export function isUnreadable(error: unknown): boolean {
  const cause = error instanceof StoreOpenError ? error.cause : error;
  return (
    cause instanceof Error &&
    DUCKDB_ERROR.test(cause.message) &&
    !OUTSIDE_THE_FILE.test(cause.message) &&
    !isGivenUp(cause)
  );
}

/**
 * Whether DuckDB is to be told nothing more about its file until that is opened anew: a checkpoint failed half-way, or a
 * transaction could neither be finished nor taken back, for want of memory. DuckDB does not always say the latter: where a
 * commit cannot have what was set aside on disk back in memory, it reports that alone, but the transaction may stay, in the
 * way of every later one and of every checkpoint ("Conflict on update!"), or what it has freed is read again, which ends
 * the process. A file that is gone is given up as well.
 */
export function isGivenUp(error: unknown): boolean {
  return (
    error instanceof StoreGoneError ||
    (error instanceof Error &&
      /has been invalidated|Cannot continue operation|Failed to commit: (?:Out of Memory Error: )?failed to pin/u.test(
        error.message,
      ))
  );
}

/** Whether DuckDB found a damaged block in the file, or has given up the file for one: a checkpoint fails with the block each time. */
export function isDamaged(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Corrupt database file');
}

/**
 * Whether rows could not be written for a reason that is not theirs, such as a full disk: they are worth another try when
 * that has changed. After a failure that DuckDB calls fatal, it has to be opened anew.
 */
export function isOutsideTheRows(error: unknown): boolean {
  return (
    error instanceof Error &&
    (OUTSIDE_THE_FILE.test(error.message) ||
      /^(?:IO|FATAL|Fatal|Connection) Error/u.test(error.message) ||
      isGivenUp(error))
  );
}

/** Whether a file could not be written because there is no room for it. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && /No space left|quota exceeded|ENOSPC|EDQUOT/iu.test(error.message);
}

/** Whether a statement names a column that there is not. */
export function isMissingColumn(error: unknown): boolean {
  return error instanceof Error && /^Binder Error: .*column/iu.test(error.message);
}

/** Whether DuckDB was given too little memory, and goes on: an error that says that the file is given up quotes why. */
export function isOutOfMemory(error: unknown): boolean {
  const cause = error instanceof StoreOpenError ? error.cause : error;
  return (
    cause instanceof Error &&
    /Out of Memory Error|failed to allocate/iu.test(cause.message) &&
    !isGivenUp(cause)
  );
}
