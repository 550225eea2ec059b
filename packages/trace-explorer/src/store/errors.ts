/** Requests that the store refuses: the code of the answer's problem, and HTTP's status. */
const ANSWERS = {
  STORE_BUSY: 503,
  STORE_REOPENING: 503,
  STORE_CLOSED: 503,
  DISK_FULL: 503,
  QUERY_TIMEOUT: 504,
  QUERY_TOO_LARGE: 422,
} as const;

/** The reason why the store refuses a request, and the answer to the request. */
export abstract class StoreError extends Error {
  abstract readonly code: keyof typeof ANSWERS;
  /** Send the request again after so many seconds; undefined where another try does not help. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, retryAfterSeconds?: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** HTTP's status. */
  get status(): number {
    return ANSWERS[this.code];
  }
}

/** The store cannot take the request now. */
export class StoreBusyError extends StoreError {
  override readonly name: string = 'StoreBusyError';
  override readonly code: 'STORE_BUSY' | 'STORE_REOPENING' = 'STORE_BUSY';
  declare readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number, why = "The store's writer is behind") {
    super(`${why}; retry in ${retryAfterSeconds} s`, retryAfterSeconds);
  }
}

/** Seconds after which a request that found no reader or no memory comes again. */
export const READ_AGAIN_S = 5;

/** The answer to a request that found no reader in time. */
export function tooManyReaders(): StoreBusyError {
  return new StoreBusyError(READ_AGAIN_S, 'Too much else is being read');
}

/** The store recovers from a failure. */
export class StoreReopeningError extends StoreBusyError {
  override readonly name = 'StoreReopeningError';
  override readonly code = 'STORE_REOPENING';

  constructor() {
    super(2, "The store's file is being opened anew");
  }
}

/** The store was closed, or is closing. */
export class StoreClosedError extends StoreError {
  override readonly name = 'StoreClosedError';
  override readonly code = 'STORE_CLOSED';

  constructor() {
    super('The store is closed', 5);
  }
}

/** The disk has no room for the request. */
export class DiskFullError extends StoreError {
  override readonly name = 'DiskFullError';
  override readonly code = 'DISK_FULL';

  constructor(cause?: unknown) {
    super(
      'the disk of the explorer’s store is full, so nothing more is taken and senders are asked to come again; make room there. It goes on by itself then',
      5,
      { cause },
    );
  }
}

/** A statement ran longer than its deadline allows. */
export class ReadTimeoutError extends StoreError {
  override readonly name = 'ReadTimeoutError';
  override readonly code = 'QUERY_TIMEOUT';

  constructor(timeoutMs: number) {
    super(`Reading took longer than ${timeoutMs} ms`);
  }
}

/** A statement needed more memory than DuckDB is given. */
export class ReadMemoryError extends StoreError {
  override readonly name = 'ReadMemoryError';
  override readonly code = 'QUERY_TOO_LARGE';

  constructor() {
    super('Reading needs more memory than the explorer has');
  }
}

/** The store cannot be opened. The message says what to do. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
}

/** Texts of DuckDB and the system. No other file reads these texts. */
const SAYINGS = {
  /** A block does not match its checksum. Each checkpoint of the file fails. */
  damaged: /Corrupt database file/u,
  /** DuckDB answers no more statements. */
  givenUp:
    /has been invalidated|Cannot continue operation|Failed to commit: (?:Out of Memory Error: )?failed to pin/u,
  /** A query that began before the last commit is in the way. */
  prevented: /there are other write transactions active/u,
  /** The last text is about DuckDB's temporary files. */
  diskFull: /No space left|quota exceeded|ENOSPC|EDQUOT|failed to offload data block|^the disk of/iu,
  inUse: /lock on file/u,
  fileSystem:
    /Permission denied|Operation not permitted|Read-only file system|Too many open files|Is a directory|Not a directory|No such file|Input\/output error/iu,
  outside: /^(?:IO|FATAL|Fatal|Connection) Error/u,
  memory: /Out of Memory Error|failed to allocate/iu,
  missingColumn: /^Binder Error: (?:Referenced column|Table .* does not have a column)/u,
} as const satisfies Record<string, RegExp>;

/** Whether an error has one of these texts. */
export function says(error: unknown, what: keyof typeof SAYINGS): boolean {
  return error instanceof Error && SAYINGS[what].test(error.message);
}

/** Texts whose reason lies in the file, the disk or DuckDB's state, and in no request. */
const OUTSIDE = ['damaged', 'givenUp', 'prevented', 'diskFull', 'inUse', 'fileSystem', 'outside'] as const;

/** Whether the store's file has to be opened anew. */
export function needsReopening(error: unknown): boolean {
  return OUTSIDE.some((what) => says(error, what));
}
