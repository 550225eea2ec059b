import { decodeSpan } from '@tandem/otlp';
import { getOrMake } from '../../shared/get-or-make.ts';
import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { sourceHash, spanHash } from './content-hash.ts';
import { spanColumns } from './span-columns.ts';
import { decodeStoredScope } from './stored-span.ts';

/** Spans whose content is read at a time. */
const PAGE_SPANS = 1000;

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
  const prints = new Map<number, string>();
  const byId = new Map<string, number[]>();
  for (const [seq, spanId, hash, scope] of rows) {
    if (!shared.has(String(spanId))) continue;
    prints.set(Number(seq), `${hash} ${scope}`);
    getOrMake(byId, String(spanId), () => []).push(Number(seq));
  }
  const different = new Set<number>();
  for (const same of byId.values()) {
    if (new Set(same.map((seq) => prints.get(seq))).size > 1) for (const seq of same) different.add(seq);
  }
  if (different.size > 0) await hashContents(store, traceId, different, prints, options);
  return prints;
}

/** Replaces the fingerprints of some spans with one of their decoded content. */
async function hashContents(
  store: SpanStore,
  traceId: string,
  wanted: ReadonlySet<number>,
  prints: Map<number, string>,
  options: ReadOptions,
): Promise<void> {
  const c = spanColumns(store);
  const sources = new Map<number, string>();
  for (let after = -1n; ; ) {
    const { rows } = await store.read(
      `SELECT _seq, _span, _bytes, _scope FROM spans
      WHERE ${c.traceId} = $1 AND ${c.isSpan} AND _seq > $2 ORDER BY _seq LIMIT ${PAGE_SPANS}`,
      [traceId, after],
      options,
    );
    for (const [sequence, raw, bytes, scopeId] of rows) {
      const seq = Number(sequence);
      if (!wanted.has(seq) || !(raw instanceof Uint8Array)) continue;
      const span = await store.wholeSpan(seq, raw, Number(bytes));
      const scope = await store.scope(Number(scopeId));
      if (span === undefined || scope === undefined) continue;
      const source = getOrMake(sources, Number(scopeId), () => {
        const decoded = decodeStoredScope(scope);
        return sourceHash(decoded.resource, decoded.scope);
      });
      prints.set(seq, `${spanHash(decodeSpan(span))} ${source}`);
    }
    const last = rows.at(-1)?.[0];
    if (rows.length < PAGE_SPANS || last === undefined) return;
    after = BigInt(last as number | bigint);
  }
}
