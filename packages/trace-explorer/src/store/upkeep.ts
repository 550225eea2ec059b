import type { DuckDBConnection } from '@duckdb/node-api';
import { saveLastWritten } from './catalogue-table.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { Evicted } from './eviction.ts';
import { evictOlderThan, evictShare } from './eviction.ts';
import type { Failures } from './failures.ts';
import type { StoreState } from './state.ts';
import type { Writer } from './writer.ts';

/** Eviction goes down to this share of the cap, so that it is rarely needed. */
const EVICTION_TARGET = 0.85;
/**
 * Bytes as received that eviction leaves in any case, as a share of the cap. Spans that cannot be compressed
 * take twice their bytes on disk (span and fields), all others less: this much always fits.
 */
export const MINIMUM_KEPT = 0.35;

export interface UpkeepOptions {
  readonly state: StoreState;
  readonly writer: Pick<Writer, 'exclusively'>;
  readonly checkpointer: Checkpointer;
  readonly failures: Failures;
  /** Bytes of the journal, unpacked. */
  readonly journal: { readonly unpackedBytes: number };
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Throws when the database's file is not there any more. */
  readonly requireFile: () => void;
}

/** What the store does for itself every few seconds: saves what is kept in memory, drops what is too old or too much. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Runs every `intervalMs`, one run at a time; failures are noted, and the next run tries again. */
  start(intervalMs: number): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#options.failures
        .watch('upkeep', () => this.run())
        .finally(() => {
          this.#running = undefined;
        });
    }, intervalMs);
    this.#timer.unref();
  }

  /** Resolves when the last run has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** @param maxBytes the cap, or less, where there has to be room @throws DuckDB's error, DiskFullError */
  async run(maxBytes = this.#options.maxBytes): Promise<void> {
    const { state, writer, maxAgeMs } = this.#options;
    const { extent } = state;
    this.#options.requireFile();
    // No commit in between: what it adds to the log would look like more than the cap.
    return writer.exclusively(async (connection) => {
      await saveState(connection, state);
      const before = BigInt(Date.now() - maxAgeMs) * 1_000_000n;
      await this.#evict(connection, 'evicted_age', () => evictOlderThan(connection, state.catalogue, before));
      await extent.measureBytes(connection);
      if (extent.fileBytes + this.#options.journal.unpackedBytes <= maxBytes) return;
      // The journal holds several times the bytes that its rows take in the file.
      await this.#checkpoint();
      await extent.measureBytes(connection);
      if (extent.fileBytes <= maxBytes) return;
      const share = 1 - (EVICTION_TARGET * Math.max(0, maxBytes)) / extent.fileBytes;
      await this.#evict(connection, 'evicted_bytes', () =>
        evictShare(connection, state.catalogue, share, this.#options.maxBytes * MINIMUM_KEPT),
      );
    });
  }

  /** Runs on the writer's connection, between its transactions. */
  async #evict(
    connection: DuckDBConnection,
    counter: 'evicted_age' | 'evicted_bytes',
    evict: () => Promise<Evicted>,
  ): Promise<void> {
    const { state, checkpointer } = this.#options;
    await checkpointer.idle();
    const { rows, spans, logs } = await evict();
    if (rows === 0) return;
    state.counters.add(counter, spans);
    state.counters.add(`${counter}_logs`, logs);
    state.scopes.forget();
    await this.#checkpoint();
    await state.extent.measure(connection, state.catalogue);
    await state.datasets.load(connection);
    state.catalogue.forgetDatasets((name) => state.datasets.has(name));
  }

  /** A whole checkpoint, and not the rest of one that began before. */
  async #checkpoint(): Promise<void> {
    await this.#options.checkpointer.idle();
    await this.#options.checkpointer.run();
  }
}

/** Saves the counts, and when each field was last written. */
export async function saveState(connection: DuckDBConnection, state: StoreState): Promise<void> {
  await saveLastWritten(connection, state.catalogue);
  await state.counters.save(connection);
}
