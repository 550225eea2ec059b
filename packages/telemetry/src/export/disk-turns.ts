import type { Logger } from '../logger.ts';
import { RefusedPathError } from './disk.ts';

/** How often an error of the file system is logged, in milliseconds. */
const LOG_EVERY_MS = 60_000;

/** Work on disk, one thing after the other. What fails is logged, with what to do. */
export class DiskTurns {
  readonly #what: string;
  readonly #directory: string;
  readonly #log: Logger;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();

  /** @param what is kept on disk, as it begins a sentence: `Spans for otlp` */
  constructor(what: string, directory: string, log: Logger) {
    this.#what = what;
    this.#directory = directory;
    this.#log = log;
  }

  /** Works after all that was asked for before. Resolves with undefined when it fails. */
  take<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done = this.#last.then(work).catch((error: unknown) => {
      this.logError(error);
      return undefined;
    });
    this.#last = done;
    return done;
  }

  /** Resolves when all that was begun is done. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Logs an error, and not the next ones of a minute. */
  logError(error: unknown): void {
    if (performance.now() - this.#loggedAt <= LOG_EVERY_MS) return;
    this.#loggedAt = performance.now();
    this.#log.error(
      { err: error },
      error instanceof RefusedPathError
        ? `${error.message}: ${this.#what} wait in memory only. Remove it, or set DATA_DIR.`
        : `${this.#what} cannot be kept in ${this.#directory}: make it writable, or set DATA_DIR.`,
    );
  }
}
