export interface StoreOptions {
  /** Made if absent, with access for the owner alone. */
  readonly directory: string;
  /** Bytes on disk; default 1 GiB. */
  readonly maxBytes?: number;
  /** Milliseconds until a trace goes, from its last span on; default 7 days. */
  readonly maxAgeMs?: number;
  /** Fields with a column of their own; default 256. Further fields share one column. */
  readonly maxColumns?: number;
  /** Milliseconds between two looks at size and age; default 10 s. */
  readonly maintenanceIntervalMs?: number;
  /** Milliseconds that a start reads one record of the journal before the next start leaves it aside; default 30 s. */
  readonly replayPatienceMs?: number;
  /** Milliseconds in which a store that closes still writes rows from its journal to its file; default 3 s. */
  readonly closingMs?: number;
  /** DuckDB's memory in megabytes (a wide table adds to it); default 160. */
  readonly memoryMb?: number;
  /** Called with the failures of the store's own tasks, for the log: once for each message. */
  readonly onFailure?: (task: string, error: unknown) => void;
  /** Called when acknowledged spans are lost, with a sentence for the log. `stats().notices` has this sentence too. */
  readonly onLost?: (sentence: string) => void;
  /** Called after the store has opened its file anew. */
  readonly onReopened?: () => void;
}

const DEFAULTS = {
  maxBytes: 1024 ** 3,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxColumns: 256,
  maintenanceIntervalMs: 10_000,
  memoryMb: 160,
  replayPatienceMs: 30_000,
  closingMs: 3_000,
};
export type Options = StoreOptions & typeof DEFAULTS;

/** The options with their defaults. */
export function optionsOf(given: StoreOptions): Options {
  return { ...DEFAULTS, ...given };
}
