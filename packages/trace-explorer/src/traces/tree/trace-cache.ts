import type { SpanStore } from '../../store/types.ts';
import { MAX_TRACE_SPANS, readRecords } from '../read/read-records.ts';
import { spanColumns } from '../read/span-columns.ts';
import type { TraceTree } from './tree.ts';
import { buildTree } from './tree.ts';

/** Spans of all cached trees together; a placed span takes about 0.5 kB. */
const MAX_SPANS = 300_000;
/** Eviction in the store is not announced, unlike what a person deletes, so a tree is read again after this long. */
const MAX_AGE_MS = 10_000;

/** Keeps the trees of the traces last looked at, so that paging through a large one builds it once. */
export class TraceCache {
  readonly #store: SpanStore;
  readonly #maxTraceSpans: number;
  readonly #trees = new Map<
    string,
    { readonly tree: Promise<TraceTree>; readonly made: number; spans: number }
  >();
  readonly #unsubscribe: readonly (() => void)[];

  /** @param limit spans of one trace that are shown at most */
  constructor(store: SpanStore, limit = MAX_TRACE_SPANS) {
    this.#store = store;
    this.#maxTraceSpans = limit;
    this.#unsubscribe = [
      store.onWritten(({ traceIds }) => {
        if (this.#trees.size > 0) for (const traceId of traceIds) this.#trees.delete(traceId);
      }),
      store.onDeleted(() => this.#trees.clear()),
    ];
  }

  /** The trace's tree; without spans when there is no such trace. */
  async tree(traceId: string): Promise<TraceTree> {
    const known = this.#trees.get(traceId);
    if (known && Date.now() - known.made < MAX_AGE_MS) return known.tree;
    const entry = { tree: this.#read(traceId), made: Date.now(), spans: 0 };
    this.#trees.delete(traceId);
    this.#trees.set(traceId, entry);
    try {
      const tree = await entry.tree;
      entry.spans = tree.spans.length;
      if (entry.spans === 0) this.#trees.delete(traceId);
      this.#evict();
      return tree;
    } catch (error) {
      this.#trees.delete(traceId);
      throw error;
    }
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#trees.clear();
  }

  async #read(traceId: string): Promise<TraceTree> {
    const records = await readRecords(this.#store, traceId, {
      limit: this.#maxTraceSpans,
      short: true,
    });
    const sampleRate = await readSampleRate(this.#store, traceId);
    const tree = { ...buildTree(records), ...(sampleRate > 1 && { sampleRate }) };
    if (records.length < this.#maxTraceSpans) return tree;
    const message = `The trace has more spans than are shown: the first ${records.length} to arrive.`;
    return { ...tree, notices: [...tree.notices, { code: 'too_large', message, spans: records.length }] };
  }

  #evict(): void {
    let total = 0;
    for (const { spans } of this.#trees.values()) total += spans;
    for (const [traceId, { spans }] of this.#trees) {
      if (total <= MAX_SPANS) return;
      this.#trees.delete(traceId);
      total -= spans;
    }
  }
}

/** The greatest sample rate of a trace's spans: 1 where none was sampled. */
async function readSampleRate(store: SpanStore, traceId: string): Promise<number> {
  const rate = store.sampleRate();
  if (rate === undefined) return 1;
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT max(${rate.sql}) FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan}`,
    [traceId],
    { short: true },
  );
  return Number(rows[0]?.[0] ?? 1);
}
