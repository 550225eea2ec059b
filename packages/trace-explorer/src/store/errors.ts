/** The answers to requests that the store refuses: HTTP's status, and what the answer's problem is called. */
const ANSWERS = {
  STORE_BUSY: 503,
  STORE_REOPENING: 503,
  STORE_CLOSED: 503,
  DISK_FULL: 503,
  QUERY_TIMEOUT: 504,
  QUERY_TOO_LARGE: 422,
} as const;

/** Why the store refuses a request, and how the request is answered. */
export abstract class StoreError extends Error {
  abstract readonly code: keyof typeof ANSWERS;
  /** Send the same spans, or ask the same, after so many seconds; undefined where coming again does not help. */
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

/** The store cannot do it now. */
export class StoreBusyError extends StoreError {
  override readonly name: string = 'StoreBusyError';
  override readonly code: 'STORE_BUSY' | 'STORE_REOPENING' = 'STORE_BUSY';
  declare readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number, why = "The store's writer is behind") {
    super(`${why}; retry in ${retryAfterSeconds} s`, retryAfterSeconds);
  }
}

/** After how many seconds a request that found no reader, or no memory, comes again. */
export const READ_AGAIN_S = 5;

/** The answer to a request whose turn to read did not come in time. */
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

/** The disk has no room for what was sent. */
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

/**
 * What to do about a failure.
 * - `reopen`: the reason lies in the file, the disk or DuckDB's state
 * - `retry`: the reason passes, such as too little memory
 * - `refuse`: the reason lies in the request or the rows
 */
export type Verdict = 'retry' | 'reopen' | 'refuse';

/** What DuckDB and the system say, and what to do then. The first that fits counts. No other file reads these texts. */
const SAYINGS = {
  /** A block does not fit its checksum. Each checkpoint fails with it. */
  damaged: [/Corrupt database file/u, 'reopen'],
  /** DuckDB answers nothing more. */
  givenUp: [
    /has been invalidated|Cannot continue operation|Failed to commit: (?:Out of Memory Error: )?failed to pin/u,
    'reopen',
  ],
  /** A query that began before the last commit is in the way. */
  prevented: [/there are other write transactions active/u, 'reopen'],
  /** The last text is about DuckDB's temporary files. */
  diskFull: [
    /No space left|quota exceeded|ENOSPC|EDQUOT|failed to offload data block|^the disk of/iu,
    'reopen',
  ],
  inUse: [/lock on file/u, 'reopen'],
  fileSystem: [
    /Permission denied|Operation not permitted|Read-only file system|Too many open files|Is a directory|Not a directory|No such file|Input\/output error/iu,
    'reopen',
  ],
  memory: [/Out of Memory Error|failed to allocate/iu, 'retry'],
  missingColumn: [/^Binder Error: (?:Referenced column|Table .* does not have a column)/u, 'refuse'],
  outside: [/^(?:IO|FATAL|Fatal|Connection) Error/u, 'reopen'],
} as const satisfies Record<string, readonly [RegExp, Verdict]>;

/** Whether an error says it. */
export function says(error: unknown, what: keyof typeof SAYINGS): boolean {
  return error instanceof Error && SAYINGS[what][0].test(error.message);
}

export function verdictOf(error: unknown): Verdict {
  const message = error instanceof Error ? error.message : '';
  return Object.values(SAYINGS).find(([pattern]) => pattern.test(message))?.[1] ?? 'refuse';
}
