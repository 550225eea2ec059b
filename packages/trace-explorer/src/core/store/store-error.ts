/** The reason why the store refuses a request. Each is the code of a problem. */
type Code =
  | 'STORE_BUSY'
  | 'STORE_REOPENING'
  | 'STORE_DAMAGED'
  | 'STORE_GONE'
  | 'STORE_CLOSED'
  | 'DISK_FULL'
  | 'QUERY_TIMEOUT'
  | 'QUERY_TOO_LARGE'
  | 'PATTERN_TOO_LARGE';

interface Answer {
  readonly status: number;
  /** Seconds until the sender may try again; absent where another try does not help. */
  readonly retryAfterSeconds?: number;
  readonly message: string;
}

const ANSWERS: Readonly<Record<Code, Answer>> = {
  STORE_BUSY: { status: 503, retryAfterSeconds: 1, message: "The store's writer is behind; retry in 1 s" },
  STORE_REOPENING: {
    status: 503,
    retryAfterSeconds: 2,
    message: 'The store reopens its files; retry in 2 s',
  },
  STORE_DAMAGED: {
    status: 503,
    retryAfterSeconds: 60,
    message:
      "A block of the store's file is damaged, so the explorer takes and reads nothing more until a person removes the file; the explorer's log and page name it",
  },
  STORE_GONE: {
    status: 503,
    retryAfterSeconds: 5,
    message: 'Somebody removed or replaced files of the store while the explorer ran',
  },
  STORE_CLOSED: { status: 503, retryAfterSeconds: 5, message: 'The store is closed' },
  DISK_FULL: {
    status: 503,
    retryAfterSeconds: 5,
    message:
      'the disk of the explorer’s store is full, so new data is refused, and its senders are asked to send it again; make room on the disk. Then the store goes on by itself',
  },
  QUERY_TIMEOUT: { status: 504, message: 'Reading took too long' },
  QUERY_TOO_LARGE: { status: 422, message: 'Reading needs more memory than the explorer has' },
  PATTERN_TOO_LARGE: {
    status: 422,
    message:
      'A regular expression needs more memory than it may take; fewer repetitions, or smaller classes of characters, need less',
  },
};

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: Code;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: Code, { message, retryAfterSeconds }: Omit<Answer, 'status'> = ANSWERS[code]) {
    super(message);
    this.code = code;
    this.status = ANSWERS[code].status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Whether the store refused a request for this reason. */
export function isRefused(error: unknown, code: Code): boolean {
  return error instanceof StoreError && error.code === code;
}

/** The store cannot take the request now, such as for want of a reader or of memory. */
export function busy(why: string, retryAfterSeconds = 5): StoreError {
  return new StoreError('STORE_BUSY', {
    message: `${why}; retry in ${retryAfterSeconds} s`,
    retryAfterSeconds,
  });
}

/** The answer to a request that found no reader in time. */
export function tooManyReaders(): StoreError {
  return busy('Too much else is being read');
}

/** The answer when somebody removed, moved or replaced a file of the store while it was open. The explorer begins another one. */
export function fileGone(path: string): StoreError {
  const message = `${path} is gone, or is another file: somebody removed or replaced it while the explorer ran; retry in 5 s`;
  return new StoreError('STORE_GONE', { message, retryAfterSeconds: 5 });
}

/** The answer when somebody removed, moved or replaced the store's folder while it was open. */
export function folderGone(directory: string): StoreError {
  return new StoreError('STORE_GONE', {
    message: `${directory} is not the folder any more that the explorer opened: somebody removed, moved or replaced it while the explorer ran. It takes nothing until you start it again, or that folder is back`,
    retryAfterSeconds: 60,
  });
}

/** Why nothing is taken and read while the store has no open files. A damaged file is not opened anew. @param failure the last one */
export function away(failure: unknown): StoreError {
  if (failure instanceof StoreError && failure.code === 'STORE_GONE') return failure;
  return new StoreError(says(failure, 'damaged') ? 'STORE_DAMAGED' : 'STORE_REOPENING');
}

/** The store does not open. The message says what to do. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
}

/** Another process has the store open. */
export class StoreInUseError extends StoreOpenError {}

/** Texts of DuckDB and the system. No other file reads these texts. */
const SAYINGS = {
  /** A block does not match its checksum. Each checkpoint of the file fails, and each reader of the block. */
  damaged: /Corrupt database file/u,
  /** DuckDB answers no more statements. */
  givenUp:
    /has been invalidated|Cannot continue operation|Failed to commit: (?:Out of Memory Error: )?failed to pin/u,
  /** A query that began before the last commit is in the way. */
  prevented: /there are other write transactions active/u,
  /** The last text is about DuckDB's temporary files. */
  diskFull: /No space left|quota exceeded|ENOSPC|EDQUOT|failed to offload data block|^the disk of/iu,
  inUse: /lock on file/u,
  /** The system's own errors begin with a code such as EACCES. */
  outside: /^(?:IO|FATAL|Fatal|Connection) Error|^E[A-Z]+: /u,
  pattern: /^Invalid Input Error: pattern too large/u,
  memory: /Out of Memory Error|failed to allocate/iu,
} as const satisfies Record<string, RegExp>;

/** Whether an error has one of these texts. */
export function says(error: unknown, what: keyof typeof SAYINGS): boolean {
  return error instanceof Error && SAYINGS[what].test(error.message);
}

/** The column that a statement names and DuckDB does not find. */
export function missingColumn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^Binder Error: (?:Referenced column|Table "\w+" does not have a column named) "(\w+)"/u.exec(
    error.message,
  )?.[1];
}

/** Texts whose reason lies in the file, the disk or DuckDB's state, and in no request. */
const OUTSIDE = ['givenUp', 'prevented', 'diskFull', 'outside'] as const;

/** Whether the store must open its file anew. */
export function needsReopening(error: unknown): boolean {
  return isRefused(error, 'STORE_GONE') || OUTSIDE.some((what) => says(error, what));
}
