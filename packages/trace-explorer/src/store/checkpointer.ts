import { setTimeout as sleep } from 'node:timers/promises';
import type { Failures } from './failures.ts';

/**
 * Rows after which the write-ahead log is folded into the file: less than a row group of DuckDB's own size (122,880),
 * which it would have to keep in memory uncompressed, and few enough that writers wait for no more than some 150 ms. With
 * 100,000 they waited twice as long, and the process held 30 MB more; the processor time was the same.
 */
export const CHECKPOINT_ROWS = 50_000;
/**
 * The same for wide tables, by rows times columns: until then each of them takes at least four bytes, also where a
 * row has no value. With 2,000 columns 50,000 rows would be more than DuckDB's memory, and commits would fail.
 */
const CHECKPOINT_CELLS = 8_000_000;
/** What DuckDB says when a transaction is in the way. */
const PREVENTED = 'there are other write transactions active';
/** How long whoever needs a checkpoint waits for transactions in its way, and how often it looks. */
const PREVENTED_MS = 30_000;
const LOOK_MS = 20;

/**
 * Folds the write-ahead log into the file: reads go on meanwhile, and whoever writes awaits `idle` before. DuckDB's
 * appender would wait as well, but on the event loop, and with it everybody else.
 */
export class Checkpointer {
  readonly #checkpoint: () => Promise<unknown>;
  readonly #logBytes: number;
  readonly #failures: Failures;
  #running: Promise<void> | undefined;
  #rows = 0;
  #bytes = 0;
  #cells = 0;

  /**
   * @param checkpoint one, on a connection of its own
   * @param logBytes bytes that may wait in the log: DuckDB has them in memory, too, uncompressed
   * @param failures told of checkpoints that nobody waits for
   */
  constructor(checkpoint: () => Promise<unknown>, logBytes: number, failures: Failures) {
    this.#checkpoint = checkpoint;
    this.#logBytes = logBytes;
    this.#failures = failures;
  }

  /** Notes what was committed; starts a checkpoint when there is enough of it. */
  committed(rows: number, bytes: number, columns: number): void {
    this.#rows += rows;
    this.#bytes += bytes;
    this.#cells += rows * columns;
    const isEnough =
      this.#rows >= CHECKPOINT_ROWS || this.#bytes >= this.#logBytes || this.#cells >= CHECKPOINT_CELLS;
    if (isEnough && this.#running === undefined) {
      void this.#failures.watch('checkpoint', () => this.#runUnlessPrevented());
    }
  }

  /** Runs a checkpoint, or joins the one that is running; as soon as no transaction is in its way. @throws DuckDB's error */
  async run(): Promise<void> {
    for (const end = performance.now() + PREVENTED_MS; ; await sleep(LOOK_MS)) {
      try {
        return await this.#runOnce();
      } catch (error) {
        if (!isPrevented(error) || performance.now() >= end) throw error;
      }
    }
  }

  /** Resolves when none is running, however the last one ended: whoever ran it hears of its failure. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  /** A checkpoint that another transaction prevents is no failure: the next one makes up for it. */
  async #runUnlessPrevented(): Promise<void> {
    try {
      await this.#runOnce();
    } catch (error) {
      if (!isPrevented(error)) throw error;
    }
  }

  #runOnce(): Promise<void> {
    this.#running ??= this.#start().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #start(): Promise<void> {
    this.#rows = 0;
    this.#bytes = 0;
    this.#cells = 0;
    await this.#checkpoint();
  }
}

function isPrevented(error: unknown): boolean {
  return error instanceof Error && error.message.includes(PREVENTED);
}
