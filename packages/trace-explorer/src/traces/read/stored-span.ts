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

/** All different spans with this id, in the order of arrival; empty when there is none. */
export async function readStoredSpans(
  store: SpanStore,
  traceId: string,
  spanId: string,
  options: ReadOptions = {},
): Promise<readonly StoredSpan[]> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT _span, _scope, _dataset, _received, _seq, _bytes FROM spans
    WHERE ${c.traceId} = $1 AND ${c.spanId} = $2 AND ${c.isSpan} ORDER BY _seq`,
    [traceId, spanId],
    options,
  );
  const found: StoredSpan[] = [];
  const seen = new Set<string>();
  for (const [raw, scopeId, dataset, received, seq, bytes] of rows) {
    if (!(raw instanceof Uint8Array)) continue;
    const scope = await store.scope(Number(scopeId));
    const whole = await store.wholeSpan(Number(seq), raw, Number(bytes));
    if (whole === undefined || scope === undefined) continue;
    const source = decodeStoredScope(scope);
    const span = decodeSpan(whole);
    const content = rows.length === 1 ? '' : `${spanHash(span)} ${sourceHash(source.resource, source.scope)}`;
    if (seen.has(content)) continue;
    seen.add(content);
    found.push({
      span,
      ...source,
      dataset: String(dataset),
      received: BigInt(received as number | bigint),
    });
  }
  return found;
}

/** Resource and scope from their stored bytes. */
export function decodeStoredScope(stored: StoredScope): { resource: Resource; scope: Scope } {
  return {
    resource: decodeResource(stored.resource, stored.resourceSchemaUrl),
    scope: decodeScope(stored.scope, stored.scopeSchemaUrl),
  };
}
