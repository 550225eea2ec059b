import { LRUCache } from 'lru-cache';
import { TaskQueue } from '../../../lib/node/task-queue.ts';
import { deadlineIn } from '../../../lib/time/deadline.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { tooManyReaders } from '../../store/store-error.ts';
import { MAX_TRACE_SPANS, readTraceRecords } from '../read/read-records.ts';
import type { TraceTree } from './tree.ts';
import { buildTree } from './tree.ts';

/** Spans of all cached trees together. A placed span takes about 0.5 kB. */
const MAX_SPANS = 300_000;
/** A tree is read again after this long: the store announces deletions by a person, but no evictions. */
const MAX_AGE_MS = 10_000;
/** Builds at a time: the tree of the largest trace takes 250 MB. */
const MAX_BUILDS = 2;
/** Milliseconds that a tree waits for its turn. */
const WAIT_MS = 15_000;

interface TraceCacheOptions {
  /** Most shown spans of one trace. */
  readonly limit?: number;
  /** Lifetime of a tree in milliseconds; default 10 s. */
  readonly maxAgeMs?: number;
}

/** Keeps the trees of recently viewed traces, so that paging through a large trace builds its tree once. */
export class TraceCache {
  readonly #trees: LRUCache<string, TraceTree>;
  readonly #unsubscribe: () => void;

  constructor(store: SpanStore, { limit = MAX_TRACE_SPANS, maxAgeMs = MAX_AGE_MS }: TraceCacheOptions = {}) {
    const builds = new TaskQueue(MAX_BUILDS);
    this.#trees = new LRUCache({
      maxSize: MAX_SPANS,
      // The tree of a large trace does not stay in memory until somebody opens another trace.
      ttlAutopurge: true,
      sizeCalculation: ({ spans }) => spans.length + 1,
      // A tree whose trace changed in the meantime is part of the answer, but not kept.
      ignoreFetchAbort: true,
      fetchMethod: async (traceId, _, { options }) => {
        const wait = { deadline: deadlineIn(WAIT_MS), late: tooManyReaders };
        const tree = await builds.take(() => readTree(store, traceId, { limit, short: true }), wait);
        // Its age begins now: while it is read, whoever asks waits for the same tree.
        options.ttl = maxAgeMs;
        return tree;
      },
    });
    this.#unsubscribe = store.onChange((written) => {
      if (written === undefined) this.#trees.clear();
      else if (this.#trees.size > 0) for (const traceId of written.traceIds) this.#trees.delete(traceId);
    });
  }

  get keptSpans(): number {
    return this.#trees.calculatedSize;
  }

  /**
   * The trace's tree; without spans when the trace does not exist.
   * @throws Failure when other trees are built for so long that its turn does not come
   */
  tree(traceId: string): Promise<TraceTree> {
    return this.#trees.forceFetch(traceId);
  }

  close(): void {
    this.#unsubscribe();
    this.#trees.clear();
  }
}

/** The tree of a trace in its present state; without spans when the trace does not exist. */
export async function readTree(
  store: SpanStore,
  traceId: string,
  { limit = MAX_TRACE_SPANS, ...options }: ReadOptions & { readonly limit?: number } = {},
): Promise<TraceTree> {
  const { records, copies } = await readTraceRecords(store, traceId, { ...options, limit });
  const tree = buildTree(records);
  if (records.length + copies < limit) return tree;
  return { ...tree, arrival: { ...tree.arrival, cut: true } };
}
