import { LRUCache } from 'lru-cache';
import type { SpanStore } from '../../store/store.ts';
import { MAX_TRACE_SPANS, readTraceRecords } from '../read/read-records.ts';
import type { TraceTree } from './tree.ts';
import { buildTree } from './tree.ts';

/** Spans of all cached trees together. A placed span takes about 0.5 kB. */
const MAX_SPANS = 300_000;
/** A tree is read again after this long: the store announces deletions by a person, but no evictions. */
const MAX_AGE_MS = 10_000;

/** Keeps the trees of recently viewed traces, so that paging through a large trace builds its tree once. */
export class TraceCache {
  readonly #trees: LRUCache<string, TraceTree>;
  readonly #unsubscribe: () => void;

  /** @param limit most spans that are shown of one trace */
  constructor(store: SpanStore, limit = MAX_TRACE_SPANS) {
    this.#trees = new LRUCache({
      maxSize: MAX_SPANS,
      ttl: MAX_AGE_MS,
      sizeCalculation: ({ spans }) => spans.length + 1,
      // A tree whose trace changed in the meantime is part of the answer, but not kept.
      ignoreFetchAbort: true,
      fetchMethod: (traceId) => readTree(store, traceId, limit),
    });
    this.#unsubscribe = store.onChange((written) => {
      if (written === undefined) this.#trees.clear();
      else if (this.#trees.size > 0) for (const traceId of written.traceIds) this.#trees.delete(traceId);
    });
  }

  /** The trace's tree; without spans when the trace does not exist. */
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
  limit = MAX_TRACE_SPANS,
): Promise<TraceTree> {
  const { records, copies } = await readTraceRecords(store, traceId, { limit, short: true });
  const tree = buildTree(records);
  if (records.length + copies < limit) return tree;
  return { ...tree, arrival: { ...tree.arrival, cut: true } };
}
