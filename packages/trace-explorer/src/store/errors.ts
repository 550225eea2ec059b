/** The store cannot do it now. Send the same spans, or ask the same, after `retryAfterSeconds`. */
export class StoreBusyError extends Error {
  override readonly name: string = 'StoreBusyError';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number, why = "The store's writer is behind") {
    super(`${why}; retry in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** After how many seconds a request that found no reader, or no memory, comes again. */
export const READ_AGAIN_S = 5;

/** The answer to a request whose turn to read did not come in time. */
export function tooManyReaders(): StoreBusyError {
  return new StoreBusyError(READ_AGAIN_S, 'Too much else is being read');
}

/** The store recovers from a failure. Send the same spans, or ask the same, again. */
export class StoreReopeningError extends StoreBusyError {
  override readonly name: string = 'StoreReopeningError';

  constructor() {
    super(2, "The store's file is being opened anew");
  }
}

/** The store was closed, or is closing. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';

  constructor() {
    super('The store is closed');
  }
}

/** The disk has no room for what was sent. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';

  constructor(cause?: unknown) {
    super(
      'the disk of the explorer’s store is full, so nothing more is taken and senders are asked to come again; make room there. It goes on by itself then',
      { cause },
    );
  }
}

/** A statement ran longer than its deadline allows. */
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
