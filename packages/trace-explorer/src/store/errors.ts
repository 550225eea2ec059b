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

/** What the store does by itself, and what its failure means. */
const CONSEQUENCES = {
  upkeep: 'Saving counts and dropping old traces fails, so the store may outgrow its cap',
  checkpoint: 'Writing the store’s file fails, so nothing more is taken',
  commit: 'Rows cannot be written to the store’s file, so it is opened anew',
  writing: 'What is sent is refused, and asked to come again',
  reopening: 'The store’s file cannot be opened anew, so nothing is taken and nothing can be read',
} as const;

type Task = keyof typeof CONSEQUENCES;

/** Told of a task's failure, once for each message. */
export type OnFailure = (task: Task, error: unknown) => void;

interface Listeners {
  readonly onFailure?: OnFailure;
  readonly onLost?: (sentence: string) => void;
}

/** The tasks that fail at present, and what was lost. */
export class Failures {
  readonly #listeners: Listeners;
  readonly #messages = new Map<Task, string>();
  readonly #lost = new Set<string>();

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  /** Takes note of how a task ended. @param error undefined for a success */
  note(task: Task, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const isNews = error !== undefined && this.#messages.get(task) !== message;
    if (error === undefined) this.#messages.delete(task);
    else this.#messages.set(task, message);
    if (isNews) this.#listeners.onFailure?.(task, error);
  }

  /** Takes note of a loss. @returns false when it was told before: damage is found each time the journal is read */
  noteLoss(sentence: string): boolean {
    if (this.#lost.has(sentence)) return false;
    this.#lost.add(sentence);
    this.#listeners.onLost?.(sentence);
    return true;
  }

  /** Forgets what failed: the files were opened anew. */
  clear(): void {
    this.#messages.clear();
  }

  /** A sentence for each. */
  notices(): string[] {
    const failing = [...this.#messages].map(([task, message]) => `${CONSEQUENCES[task]}: ${message}.`);
    return [...failing, ...this.#lost];
  }
}
