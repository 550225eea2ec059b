import type { DuckDBConnection } from '@duckdb/node-api';
import {
  closeDatabase,
  connect,
  createTables,
  explainOpening,
  LARGE_ROWS_MEMORY_MB,
  openDatabase,
  rowGroupRowsOf,
} from './database.ts';
import { hasNoRoom } from './disk-room.ts';
import type { DuckDbStoreOptions } from './duckdb-store.ts';
import { DuckDbStore } from './duckdb-store.ts';
import { isDamaged, isOutOfMemory, isUnreadable, StoreOpenError } from './errors.ts';
import type { OnFailure } from './failures.ts';
import { Journal } from './journal/journal.ts';
import { moveAside } from './moved-aside.ts';
import { ReopeningStore } from './reopening-store.ts';
import { loadState } from './state.ts';
import type { SpanStore } from './types.ts';

export interface StoreOptions {
  /** Made if absent, with access for the owner alone. */
  readonly directory: string;
  /** Bytes on disk to stay under; default 1 GiB. */
  readonly maxBytes?: number;
  /** Milliseconds that a trace is kept after its last span came; default 7 days. */
  readonly maxAgeMs?: number;
  /** Rows that are freed together when all are deleted; default 32,768, and less with a small `maxBytes`. */
  readonly rowGroupRows?: number;
  /** Fields in columns, the first 256 each in one of its own; default 2,000. Further ones share one column. */
  readonly maxColumns?: number;
  /** Milliseconds between two looks at size and age; default 10 s. */
  readonly maintenanceIntervalMs?: number;
  /** DuckDB's memory in megabytes (a wide table adds to it); default 128. */
  readonly memoryMb?: number;
  /** Told of failures of the store's own upkeep, for the log; `stats().notices` say them too. */
  readonly onFailure?: OnFailure;
  /** Told of what was acknowledged and is lost, as a sentence for the log; `stats().notices` say it too. */
  readonly onLost?: (sentence: string) => void;
  /** Told of the rows so far, every second, while it takes long to write what a killed process left in its journal. */
  readonly onReplay?: (rows: number) => void;
  /** Told when the file was opened anew, as DuckDB had given it up: a checkpoint found no room half-way. */
  readonly onReopened?: () => void;
  /** Told where a store is now that could not be opened, and why; `stats().notices` say it too. */
  readonly onMovedAside?: (path: string, error: unknown) => void;
}

const DEFAULTS = {
  maxBytes: 1024 ** 3,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxColumns: 2_000,
  maintenanceIntervalMs: 10_000,
  // With it the process stays below 700 MB when the store is full.
  memoryMb: 128,
};

/**
 * Opens the store in a directory, or makes it. A file that cannot be read is moved aside, and a new store begun; one
 * that only cannot be used at present, such as by the lock of another explorer, is left alone.
 * @throws StoreOpenError when the file is in use, or the file system refuses it
 * @example const store = await openStore({ directory: '.data/explorer' });
 */
export async function openStore(given: StoreOptions): Promise<SpanStore> {
  const rowGroupRows = rowGroupRowsOf(given.maxBytes ?? DEFAULTS.maxBytes);
  const options = { ...DEFAULTS, rowGroupRows, ...given };
  const store = await openOrMoveAside(options);
  return new ReopeningStore(store, { ...options, open: (givenUp) => reopen(options, givenUp) });
}

async function openOrMoveAside(options: OpenOptions): Promise<DuckDbStore> {
  try {
    return await openWithEnoughMemory(options);
  } catch (error) {
    // Whatever it says while there is no room, the file may be as good as before.
    if (!isUnreadable(error) || (await hasNoRoom(options.directory))) throw error;
    return openNew(options, error);
  }
}

/** A file with a damaged block takes nothing more: neither rows nor an eviction. */
function reopen(options: OpenOptions, givenUp: unknown): Promise<DuckDbStore> {
  return isDamaged(givenUp) ? openNew(options, givenUp) : openWithEnoughMemory(options);
}

/** Moves the store's file aside, and opens a new one, with what is in the journal. */
function openNew(options: OpenOptions, error: unknown): Promise<DuckDbStore> {
  const path = moveAside(options.directory, new Date());
  options.onMovedAside?.(path, error);
  return open(options);
}

type OpenOptions = DuckDbStoreOptions &
  StoreOptions & { readonly maxColumns: number; readonly memoryMb: number; readonly rowGroupRows: number };

async function openWithEnoughMemory(options: OpenOptions): Promise<DuckDbStore> {
  try {
    return await open(options);
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    // Closing folds the journal into the file, which then opens as usual.
    const store = await open({ ...options, memoryMb: Math.max(LARGE_ROWS_MEMORY_MB, options.memoryMb) });
    // Unless the disk is full: then it cannot, and DuckDB has nowhere to set aside what is more than its memory.
    if (store.isFull) return store;
    await store.close();
    return open(options);
  }
}

async function open(options: OpenOptions): Promise<DuckDbStore> {
  const instance = await openDatabase(options.directory, options);
  const connections: DuckDBConnection[] = [];
  let store: DuckDbStore | undefined;
  try {
    const writing = await connect(instance);
    connections.push(writing);
    await createTables(writing);
    const state = await loadState(writing, options);
    const checkpointing = await connect(instance);
    connections.push(checkpointing);
    const journal = await Journal.open(options.directory);
    store = new DuckDbStore(instance, { writing, checkpointing }, options, state, journal);
    await store.start();
    return store;
  } catch (error) {
    // With its connections: one that is left keeps the file open until the garbage collector comes, beside who opened it since.
    if (store !== undefined) await store.abandon();
    else {
      for (const connection of connections) connection.closeSync();
      closeDatabase(instance);
    }
    throw isUnreadable(error)
      ? new StoreOpenError(explainOpening(options.directory, error), { cause: error })
      : error;
  }
}
