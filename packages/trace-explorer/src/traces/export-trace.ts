import { decodeSpan } from '../otlp/decode-protobuf.ts';
import type { Span } from '../otlp/types.ts';
import type { SpanStore } from '../store/types.ts';
import { columnsOf } from './columns.ts';
import { otlpForm } from './otlp-form.ts';
import { decodeStoredScope } from './stored-span.ts';

/** Spans read and written out at a time; keeps a trace of any size out of memory. */
const pageSize = 1000;

/**
 * A trace as an OTLP JSON export request, piece by piece: every span as it was sent, equal copies included.
 * Yields nothing when there is no such trace.
 */
export async function* exportTrace(store: SpanStore, traceId: string): AsyncGenerator<string> {
  const c = columnsOf(store);
  let after = -1n;
  let open = false;
  for (;;) {
    const { rows } = await store.read(
      `SELECT _seq, _scope, _span FROM spans
      WHERE ${c.traceId} = $1 AND ${c.isSpan} AND _seq > $2 ORDER BY _seq LIMIT ${pageSize}`,
      [traceId, after],
    );
    for (const [scopeId, spans] of byScope(rows)) {
      const stored = await store.scope(scopeId);
      if (stored === undefined) continue;
      const { resource, scope } = decodeStoredScope(stored);
      yield `${open ? ',' : '{"resourceSpans":['}${JSON.stringify(otlpForm(resource, scope, spans))}`;
      open = true;
    }
    const last = rows.at(-1)?.[0];
    if (rows.length < pageSize || last === undefined) break;
    after = BigInt(last as number | bigint);
  }
  if (open) yield ']}';
}

function byScope(rows: readonly (readonly unknown[])[]): ReadonlyMap<number, Span[]> {
  const groups = new Map<number, Span[]>();
  for (const [, scopeId, raw] of rows) {
    if (!(raw instanceof Uint8Array)) continue;
    const spans = groups.get(Number(scopeId)) ?? [];
    spans.push(decodeSpan(raw));
    groups.set(Number(scopeId), spans);
  }
  return groups;
}
