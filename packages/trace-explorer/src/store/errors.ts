/** The store cannot do it now: send the same spans, or ask the same, again after `retryAfterSeconds`. */
export class StoreBusyError extends Error {
  override readonly name: string = 'StoreBusyError';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number, why = "The store's writer is behind") {
    super(`${why}; retry in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The store's file is being opened anew: send the same spans, or ask the same, again. */
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

/** What DuckDB and the system say, as far as the store acts on it. No other file reads their texts. */
const SAYINGS = {
  /** A block does not fit its checksum: each checkpoint fails with it. */
  damaged: /Corrupt database file/u,
  /**
   * DuckDB answers nothing more, or keeps a transaction that it neither finishes nor takes back (duckdb 1.5: a commit that
   * cannot have back in memory what was set aside on disk).
   */
  givenUp:
    /has been invalidated|Cannot continue operation|Failed to commit: (?:Out of Memory Error: )?failed to pin/u,
  /** The last is said of what DuckDB sets aside on disk. */
  diskFull: /No space left|quota exceeded|ENOSPC|EDQUOT|failed to offload data block/iu,
  inUse: /lock on file/u,
  /** The same file can be opened once that has changed. */
  fileSystem:
    /Permission denied|Operation not permitted|Read-only file system|Too many open files|Is a directory|Not a directory|No such file|Input\/output error/iu,
  memory: /Out of Memory Error|failed to allocate/iu,
  /** A transaction is in the way of a checkpoint. */
  prevented: /there are other write transactions active/u,
  missingColumn: /^Binder Error: (?:Referenced column|Table .* does not have a column)/u,
  /** DuckDB's errors begin with their kind. */
  duckdb: /^[A-Z][A-Za-z ]* Error: /u,
  outside: /^(?:IO|FATAL|Fatal|Connection) Error/u,
} as const;

/** Whether an error says it; a StoreOpenError says what its cause says. */
export function says(error: unknown, what: keyof typeof SAYINGS): boolean {
  const said = error instanceof StoreOpenError ? error.cause : error;
  return said instanceof Error && SAYINGS[what].test(said.message);
}

/**
 * What to do about a failure.
 * - `reopen`: the reason lies in the file, the disk or DuckDB's state
 * - `retry`: the reason passes, such as memory that others have
 * - `refuse`: the reason lies in what was asked for or written
 */
export type Verdict = 'retry' | 'reopen' | 'refuse';

export function verdictOf(error: unknown): Verdict {
  if (error instanceof DiskFullError) return 'reopen';
  for (const what of ['damaged', 'givenUp', 'diskFull', 'fileSystem', 'outside'] as const)
    if (says(error, what)) return 'reopen';
  return says(error, 'memory') || says(error, 'prevented') ? 'retry' : 'refuse';
}

/** Whether an error says that what is in the file cannot be read, however often it is tried. */
export function isUnreadable(error: unknown): boolean {
  if (says(error, 'damaged')) return true;
  const outside = (['inUse', 'diskFull', 'fileSystem', 'givenUp', 'memory'] as const).some((what) =>
    says(error, what),
  );
  return says(error, 'duckdb') && !outside;
}

/** What the store does without being asked, and what a person should know while it fails. */
const CONSEQUENCES = {
  upkeep: 'Saving counts and dropping old traces fails, so the store may outgrow its cap',
  checkpoint: 'Writing the store’s file fails, so the journal grows',
  journal: 'What is in the journal cannot be written to the store, so nothing more is taken',
  writing: 'What is sent is refused, and asked to come again',
  reopening: 'The store’s file cannot be opened anew, so nothing is taken and nothing can be read',
} as const;

type Task = keyof typeof CONSEQUENCES;

/** Told of a task's failure, for the log; once for the same failure. */
export type OnFailure = (task: Task, error: unknown) => void;

/** What a person should know: tasks that nobody waits for and that fail, until they succeed again; and what was lost. */
export class Failures {
  readonly #onFailure: OnFailure;
  readonly #onLost: (sentence: string) => void;
  readonly #messages = new Map<Task, string>();
  readonly #lost = new Set<string>();

  constructor({
    onFailure = () => {},
    onLost = () => {},
  }: {
    readonly onFailure?: OnFailure;
    readonly onLost?: (sentence: string) => void;
  }) {
    this.#onFailure = onFailure;
    this.#onLost = onLost;
  }

  /** Takes note of how a task ended. @param error undefined when it succeeded */
  note(task: Task, error: unknown): void {
    if (error === undefined) {
      this.#messages.delete(task);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (this.#messages.get(task) === message) return;
    this.#messages.set(task, message);
    this.#onFailure(task, error);
  }

  /** Takes note of a loss. False when it was told before: damage is found each time the journal is read. */
  noteLoss(sentence: string): boolean {
    if (this.#lost.has(sentence)) return false;
    this.#lost.add(sentence);
    this.#onLost(sentence);
    return true;
  }

  /** Forgets what failed: the files are others from here on. */
  clear(): void {
    this.#messages.clear();
  }

  /** A sentence for each. */
  notices(): string[] {
    const failing = [...this.#messages].map(([task, message]) => {
      const advice = /disk/u.test(message) ? '' : ' It is tried again; is there room on the disk?';
      return `${CONSEQUENCES[task]}: ${message}.${advice}`;
    });
    return [...failing, ...this.#lost];
  }
}
