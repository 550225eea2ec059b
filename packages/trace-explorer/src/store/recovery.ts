import type { DuckDBConnection } from '@duckdb/node-api';
import { isGivenUp, isOutsideTheRows } from './errors.ts';
import type { Signal } from './export-request.ts';
import { isLogs } from './export-request.ts';
import { FRAME_BYTES } from './journal/frame.ts';
import type { Damage, Journal } from './journal/journal.ts';
import type { ReplayGroup } from './replay.ts';
import { replayed } from './replay.ts';
import type { RowAppender } from './row-appender.ts';
import type { ScopeTable } from './scope-table.ts';
import type { Written } from './written-batch.ts';

/** Rows of a group that is replayed after a start. */
const REPLAYED_ROWS = 4_096;
/** Rows that are written again at a time when a transaction of more has failed. */
const FEW_ROWS = 256;
/** After which it is tried again to write what is in the journal. */
const TRY_AGAIN_MS = 2_000;
/** How often until a record that fails by itself is left out: a query may have had the memory that it needs. */
const MAX_TRIES = 15;

export interface RecoveryOptions {
  readonly connection: DuckDBConnection;
  readonly journal: Journal;
  readonly scopes: ScopeTable;
  /** Told of rows that are written: visible to whoever has awaited `visible`. */
  readonly onWritten: (written: Written) => void;
  /** Told after rows were taken back and written again: what was counted of them is wrong. */
  readonly onRewritten: (connection: DuckDBConnection) => Promise<void>;
  /** Told of spans, or log records, that were acknowledged and can never be stored, and why. */
  readonly onLost: (count: number, signal: Signal, error: unknown) => void;
  /** Told of what was acknowledged and cannot be read any more. */
  readonly onDamage: (damage: Damage) => void;
  /** Told while what is in the journal cannot be written to the database, and when it can be again. */
  readonly onStalled: (error: unknown) => void;
  /** Milliseconds after which it is tried again; default 2 s. */
  readonly tryAgainMs?: number;
}

/**
 * Writes what the journal has and the database does not: after a start, and after the database refused rows that are
 * acknowledged. Nothing may be written to either meanwhile.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #appender: RowAppender;
  #stalled: { readonly error: unknown; readonly since: number } | undefined;
  /** After which nothing is written: the file is opened anew. */
  #givenUp: unknown;
  /** The record that it fails with, by its first row. */
  #failing = { firstSeq: 0, tries: 0 };

  constructor(appender: RowAppender, options: RecoveryOptions) {
    this.#appender = appender;
    this.#options = options;
  }

  /** Why what is in the journal cannot be written to the database at present. */
  get stalled(): { readonly error: unknown } | undefined {
    return this.#stalled;
  }

  /** Milliseconds until it is to be tried again; Infinity when there is nothing to try. */
  get dueIn(): number {
    if (this.#stalled === undefined) return Number.POSITIVE_INFINITY;
    return (this.#options.tryAgainMs ?? TRY_AGAIN_MS) - (performance.now() - this.#stalled.since);
  }

  /**
   * Writes what a process that was killed had acknowledged.
   * @param onProgress told of the rows written so far
   * @throws StoreOpenError, or the file system's error, when the journal cannot be read
   */
  async replay(onProgress: (rows: number) => void): Promise<void> {
    let written = 0;
    let isWritten = true;
    // To its end in any case: where the journal ends is where new records go on.
    for await (const { rows, firstSeq, from, now } of this.#replayed(REPLAYED_ROWS)) {
      if (!isWritten) continue;
      try {
        await this.#appender.writePiecesAgain(rows, firstSeq, from);
        await this.#appender.append(rows, firstSeq, now, from);
      } catch {
        isWritten = false;
      }
      written += rows.rowCount - from;
      onProgress(written);
    }
    await this.#appender.commit().catch(() => {
      isWritten = false;
    });
    if (!isWritten) await this.writeAgain();
    else if (written > 0) await this.#options.onRewritten(this.#options.connection);
  }

  /**
   * Takes the open transaction back, and writes what is in the journal and not in the database record by record. What
   * fails even so is tried again later, and left out in the end, unless the reason lies outside the rows. Once DuckDB has
   * given up the file, nothing is written.
   */
  async writeAgain(): Promise<void> {
    this.#givenUp ??= this.#appender.givenUp;
    await this.#appender.rollback();
    try {
      if (this.#givenUp !== undefined) throw this.#givenUp;
      for await (const group of this.#replayed(0)) await this.#writeInSteps(group);
      this.#stalled = undefined;
    } catch (error) {
      if (isGivenUp(error)) this.#givenUp = error;
      await this.#appender.rollback();
      this.#stalled = { error, since: performance.now() };
    }
    this.#options.onStalled(this.#stalled?.error);
    if (this.#givenUp === undefined) await this.#options.onRewritten(this.#options.connection);
  }

  #replayed(maxRows: number): AsyncGenerator<ReplayGroup, void> {
    const { journal, scopes, onDamage, onLost } = this.#options;
    const position = this.#appender.committedSeq;
    return replayed(journal.read(position, onDamage), position, {
      scopes,
      maxRows,
      maxBytes: FRAME_BYTES,
      onLost,
    });
  }

  /** @throws an error that lies outside the rows, or is worth another try */
  async #writeInSteps({ rows, firstSeq, from, now, requests }: ReplayGroup): Promise<void> {
    let step = rows.rowCount;
    for (let at = from; at < rows.rowCount; ) {
      const to = Math.min(rows.rowCount, at + step);
      try {
        if (at === from) await this.#appender.writePiecesAgain(rows, firstSeq, from);
        await this.#appender.append(rows, firstSeq, now, at, to);
        await this.#appender.commit();
        if (to === rows.rowCount) this.#options.onWritten({ rows, requests, firstSeq, now });
        at = to;
      } catch (error) {
        await this.#appender.rollback();
        if (isOutsideTheRows(error)) throw error;
        if (step > FEW_ROWS) step = FEW_ROWS;
        else if (!this.#isHopeless(firstSeq)) throw error;
        else {
          const lost = rows.spans.slice(at, to).filter((message) => message !== undefined).length;
          this.#options.onLost(lost, requests.every(isLogs) ? 'logs' : 'traces', error);
          await this.#appender.skip(firstSeq + to);
          at = to;
        }
      }
    }
  }

  /** Counts the tries with a record. */
  #isHopeless(firstSeq: number): boolean {
    if (this.#failing.firstSeq !== firstSeq) this.#failing = { firstSeq, tries: 0 };
    return ++this.#failing.tries > MAX_TRIES;
  }
}
