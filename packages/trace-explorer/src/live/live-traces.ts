import { randomBytes } from 'node:crypto';
import type { SpanStore } from '../store/types.ts';
import { readSummaries } from '../traces/list/summaries.ts';
import { EventLog } from './event-log.ts';

export interface LiveOptions {
  /** Milliseconds over which changes are collected into one event. */
  readonly intervalMs?: number;
  /** Events that can be replayed. */
  readonly capacity?: number;
  /** Told of a failure to read; live updates go on with the next change. */
  readonly onError?: (error: unknown) => void;
}

/** An event names at most this many traces; the rest is a number. */
const MAX_TRACES = 100;
/** Changed traces remembered until the next event; the oldest beyond them are only counted. */
const MAX_CHANGED = 10_000;
/** Of all events that can be replayed: names may have 64 KiB each. */
const MAX_LOG_CHARACTERS = 8 * 2 ** 20;
/** Reading summaries takes at most this share of the time, so that a full store is not read without pause. */
const MAX_READ_SHARE = 0.2;
/** After the last client left, events go on for this long, so that a reload of the page misses nothing. */
const LINGER_MS = 120_000;

/** Follows the store and writes events of new and changed traces into a log for clients to read. */
export class LiveTraces {
  readonly log: EventLog;
  readonly #store: SpanStore;
  readonly #intervalMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #unsubscribe: readonly (() => void)[];
  /** Newest last. */
  readonly #changed = new Set<string>();
  #uncounted = 0;
  #timer: NodeJS.Timeout | undefined;
  #clients = 0;
  #lastClient = Number.NEGATIVE_INFINITY;
  #pauseMs: number;

  constructor(store: SpanStore, options: LiveOptions = {}) {
    const { intervalMs = 250, capacity = 1000, onError = () => {} } = options;
    this.#store = store;
    this.#intervalMs = intervalMs;
    this.#pauseMs = intervalMs;
    this.#onError = onError;
    this.log = new EventLog(randomBytes(6).toString('hex'), {
      events: capacity,
      characters: MAX_LOG_CHARACTERS,
    });
    this.#unsubscribe = [
      store.onWritten(({ traceIds }) => this.#collect(traceIds)),
      // Events hold what was deleted; every client reads its list anew.
      store.onDeleted(() => this.log.skip()),
    ];
  }

  /** Counts a client in; call the result when it has left. */
  join(): () => void {
    this.#clients += 1;
    return () => {
      this.#clients -= 1;
      this.#lastClient = performance.now();
    };
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    clearTimeout(this.#timer);
    this.#changed.clear();
  }

  #collect(traceIds: readonly string[]): void {
    if (this.#clients === 0 && performance.now() - this.#lastClient > LINGER_MS) {
      // No client was told of these: one that comes back with an older id must not think that it has seen everything.
      this.log.skip();
      return;
    }
    for (const traceId of traceIds) {
      this.#changed.delete(traceId);
      this.#changed.add(traceId);
    }
    for (const oldest of this.#changed) {
      if (this.#changed.size <= MAX_CHANGED) break;
      this.#changed.delete(oldest);
      this.#uncounted += 1;
    }
    this.#timer ??= setTimeout(() => this.#publish(), this.#pauseMs);
  }

  async #publish(): Promise<void> {
    const changed = [...this.#changed];
    const more = Math.max(0, changed.length - MAX_TRACES) + this.#uncounted;
    this.#changed.clear();
    this.#uncounted = 0;
    const started = performance.now();
    try {
      const traces = await readSummaries(this.#store, changed.slice(-MAX_TRACES).reverse());
      if (traces.length > 0) this.log.append('traces', { traces, more });
    } catch (error) {
      this.#onError(error);
    }
    const took = performance.now() - started;
    this.#pauseMs = Math.max(this.#intervalMs, took / MAX_READ_SHARE - took);
    this.#timer = undefined;
    if (this.#changed.size > 0) this.#timer = setTimeout(() => this.#publish(), this.#pauseMs);
  }
}
