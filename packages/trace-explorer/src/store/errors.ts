/** The writer is behind: send the same spans again after `retryAfterSeconds`. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super(`The store's writer is behind; retry in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The store was closed, or is closing. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';

  constructor() {
    super('The store is closed');
  }
}

/** A statement ran longer than it was allowed to. */
export class ReadTimeoutError extends Error {
  override readonly name = 'ReadTimeoutError';

  constructor(timeoutMs: number) {
    super(`The query took longer than ${timeoutMs} ms; narrow its time range or ask for fewer groups`);
  }
}

/** A statement needed more memory than DuckDB is given. */
export class ReadMemoryError extends Error {
  override readonly name = 'ReadMemoryError';

  constructor() {
    super('The query needs more memory than the explorer has; narrow its time range or ask for fewer groups');
  }
}

/** The store's file cannot be opened: held by another process, damaged, or written by another version. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
}
