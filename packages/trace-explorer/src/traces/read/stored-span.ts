import type { Resource, Scope, Span } from '@tandem/otlp';
import { decodeResource, decodeScope, decodeSpan } from '@tandem/otlp';
import type { ReadOptions, SpanStore, StoredScope } from '../../store/types.ts';
import { sourceHash, spanHash } from './content-hash.ts';
import { spanColumns } from './span-columns.ts';

/** A span exactly as it was sent, with the resource and scope it came with. */
export interface StoredSpan {
  readonly span: Span;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly dataset: string;
  /** Nanoseconds since the epoch. */
  readonly received: bigint;
}

/** Copies of a span that are read at a time: a faulty sender may give all of its spans one id. */
const PAGE_SPANS = 500;

/**
 * One of the different spans with this id, in the order of arrival.
 * @param copy which of them, from 0
 * @returns undefined for the span where there are fewer, and how many there are then
 */
export async function readStoredSpan(
  store: SpanStore,
  traceId: string,
  spanId: string,
  copy = 0,
  options: ReadOptions = {},
): Promise<{ readonly stored: StoredSpan | undefined; readonly copies: number }> {
  const c = spanColumns(store);
  const seen = new Set<string>();
  let source: { readonly id: unknown; readonly of: ReturnType<typeof decodeStoredScope> } | undefined;
  for (let after = -1n; ; ) {
    const { rows } = await store.read(
      `SELECT _span, _scope, _dataset, _received, _seq, _bytes FROM spans
      WHERE ${c.traceId} = $1 AND ${c.spanId} = $2 AND ${c.isSpan} AND _seq > $3 ORDER BY _seq LIMIT ${PAGE_SPANS}`,
      [traceId, spanId, after],
      options,
    );
    for (const [raw, scopeId, dataset, received, seq, bytes] of rows) {
      if (!(raw instanceof Uint8Array)) continue;
      if (source?.id !== scopeId) {
        const scope = await store.scope(Number(scopeId));
        source = scope && { id: scopeId, of: decodeStoredScope(scope) };
      }
      const whole = await store.wholeSpan(Number(seq), raw, Number(bytes));
      if (whole === undefined || source === undefined) continue;
      const span = decodeSpan(whole);
      const stored = {
        span,
        ...source.of,
        dataset: String(dataset),
        received: BigInt(received as number | bigint),
      };
      if (copy === 0) return { stored, copies: 1 };
      const content = `${spanHash(span)} ${sourceHash(source.of.resource, source.of.scope)}`;
      if (seen.has(content)) continue;
      if (seen.size === copy) return { stored, copies: copy + 1 };
      seen.add(content);
    }
    const last = rows.at(-1)?.[4];
    if (rows.length < PAGE_SPANS || last === undefined) return { stored: undefined, copies: seen.size };
    after = BigInt(last as number | bigint);
  }
}

/** Resource and scope from their stored bytes. */
export function decodeStoredScope(stored: StoredScope): { resource: Resource; scope: Scope } {
  return {
    resource: decodeResource(stored.resource, stored.resourceSchemaUrl),
    scope: decodeScope(stored.scope, stored.scopeSchemaUrl),
  };
}
