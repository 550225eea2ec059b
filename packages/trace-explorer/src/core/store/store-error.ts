import { Failure, isRefused } from '../failures.ts';

/** The store cannot take the request now, such as for want of a reader or of memory. */
export function busy(why: string, retryAfterSeconds = 5): Failure {
  return new Failure('STORE_BUSY', `${why}; retry in ${retryAfterSeconds} s`, retryAfterSeconds);
}

/** The answer to a request that found no reader in time. */
export function tooManyReaders(): Failure {
  return busy('Too much else is being read');
}

/** The answer when somebody removed, moved or replaced a file of the store while it was open. The explorer begins another one. */
export function fileGone(path: string): Failure {
  return new Failure(
    'STORE_GONE',
    `${path} is gone, or is another file: somebody removed or replaced it while the explorer ran; retry in 5 s`,
  );
}

/** The answer when somebody removed, moved or replaced the store's folder while it was open. */
export function folderGone(directory: string): Failure {
  return new Failure(
    'STORE_GONE',
    `${directory} is not the folder any more that the explorer opened: somebody removed, moved or replaced it while the explorer ran. It takes nothing until you start it again, or that folder is back`,
    60,
  );
}

/** Why nothing is taken and read while the store has no open files. A damaged file is not opened anew. @param failure the last one */
export function away(failure: unknown): Failure {
  if (failure instanceof Failure && failure.code === 'STORE_GONE') return failure;
  return new Failure(says(failure, 'damaged') ? 'STORE_DAMAGED' : 'STORE_REOPENING');
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
