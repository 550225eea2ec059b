import { decodeSpan } from '@tandem/otlp';
import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { sourceHash, spanHash } from './content-hash.ts';
import { rowsAt } from './rows-at.ts';
import { spanColumns } from './span-columns.ts';
import { decodeStoredScope } from './stored-span.ts';

/** Spans whose content is read at a time. */
const PAGE_SPANS = 1000;

/** A span that shares its id with another. */
export interface SharingSpan {
  readonly seq: number;
  /** Equal for those that share an id. */
  readonly id: string;
  /** Equal for those of the same bytes, in the same resource and scope. */
  readonly print: string;
}

/**
 * By `_seq`, a text that is equal for equal spans: whatever encoding brought them, for those that share their id with
 * another. Bytes are compared first; only where these differ, spans are decoded.
 */
export async function readFingerprints(
  store: SpanStore,
  traceId: string,
  shared: ReadonlySet<string>,
  options: ReadOptions = {},
): Promise<ReadonlyMap<number, string>> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT _seq, ${c.spanId}, md5(_span), _scope FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan}`,
    [traceId],
    options,
  );
  const spans = rows.flatMap(([seq, spanId, hash, scope]) =>
    shared.has(String(spanId)) ? [{ seq: Number(seq), id: String(spanId), print: `${hash} ${scope}` }] : [],
  );
  return fingerprintsOf(store, spans, options);
}

/**
 * The same of spans whose bytes are known.
 * @param maxDecoded how many are decoded at most; where more differ, equal ones in different encodings stay different
 */
export async function fingerprintsOf(
  store: SpanStore,
  spans: readonly SharingSpan[],
  options: ReadOptions = {},
  maxDecoded = Number.POSITIVE_INFINITY,
): Promise<ReadonlyMap<number, string>> {
  const prints = new Map(spans.map(({ seq, print }) => [seq, print]));
  const different: number[] = [];
  for (const same of Map.groupBy(spans, ({ id }) => id).values()) {
    if (new Set(same.map(({ print }) => print)).size > 1) for (const { seq } of same) different.push(seq);
  }
  if (different.length <= maxDecoded) await hashContents(store, different, prints, options);
  return prints;
}

/** Replaces the fingerprints of some spans with one of their decoded content. */
async function hashContents(
  store: SpanStore,
  sequences: readonly number[],
  prints: Map<number, string>,
  options: ReadOptions,
): Promise<void> {
  /** By `_scope`: asking for it takes longer than all else. */
  const sources = new Map<unknown, string>();
  for (let from = 0; from < sequences.length; from += PAGE_SPANS) {
    const { rows } = await store.read(
      `SELECT _seq, _span, _bytes, _scope FROM ${rowsAt(sequences.slice(from, from + PAGE_SPANS))}`,
      [],
      options,
    );
    for (const [sequence, raw, bytes, scopeId] of rows) {
      const seq = Number(sequence);
      if (!(raw instanceof Uint8Array)) continue;
      const span = await store.wholeSpan(seq, raw, Number(bytes));
      const source = sources.get(scopeId) ?? (await readSourceHash(store, Number(scopeId)));
      if (span === undefined || source === undefined) continue;
      sources.set(scopeId, source);
      prints.set(seq, `${spanHash(decodeSpan(span))} ${source}`);
    }
  }
}

async function readSourceHash(store: SpanStore, scopeId: number): Promise<string | undefined> {
  const stored = await store.scope(scopeId);
  if (stored === undefined) return undefined;
  const { resource, scope } = decodeStoredScope(stored);
  return sourceHash(resource, scope);
}
