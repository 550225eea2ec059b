import { decodeSpan, resourceSpansToJson } from '@tandem/otlp';
import { getOrMake } from '../../shared/get-or-make.ts';
import { jsonPieces } from '../../shared/json-pieces.ts';
import type { SpanStore } from '../../store/types.ts';
import { spanColumns } from '../read/span-columns.ts';
import { decodeStoredScope } from '../read/stored-span.ts';

/** Spans read and written out at a time, with so many bytes; keeps a trace of any size out of memory. */
const PAGE_SPANS = 1000;
const PIECE_BYTES = 8 * 1024 * 1024;

/** A row as it is read; `raw` is less than `bytes` where the span is kept beside its row. */
interface Row {
  readonly seq: number;
  readonly raw: Uint8Array;
  readonly bytes: number;
}

/**
 * A trace as an OTLP JSON export request, piece by piece: every span as it was sent, equal copies included.
 * Yields nothing when there is no such trace.
 */
export async function* exportTrace(store: SpanStore, traceId: string): AsyncGenerator<string> {
  const c = spanColumns(store);
  let after = -1n;
  let open = false;
  for (;;) {
    const { rows } = await store.read(
      `SELECT _seq, _scope, _span, _bytes FROM spans
      WHERE ${c.traceId} = $1 AND ${c.isSpan} AND _seq > $2 ORDER BY _seq LIMIT ${PAGE_SPANS}`,
      [traceId, after],
    );
    for (const [scopeId, group] of byScope(rows)) {
      const stored = await store.scope(scopeId);
      if (stored === undefined) continue;
      const { resource, scope } = decodeStoredScope(stored);
      for (const piece of pieces(group)) {
        const whole = await Promise.all(piece.map(({ seq, raw, bytes }) => store.wholeSpan(seq, raw, bytes)));
        const spans = whole.filter((span) => span !== undefined).map((span) => decodeSpan(span));
        yield open ? ',' : '{"resourceSpans":[';
        yield* jsonPieces(resourceSpansToJson({ resource, scope, spans }));
        open = true;
      }
    }
    const last = rows.at(-1)?.[0];
    if (rows.length < PAGE_SPANS || last === undefined) break;
    after = BigInt(last as number | bigint);
  }
  if (open) yield ']}';
}

function byScope(rows: readonly (readonly unknown[])[]): ReadonlyMap<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const [seq, scopeId, raw, bytes] of rows) {
    if (!(raw instanceof Uint8Array)) continue;
    getOrMake(groups, Number(scopeId), () => []).push({ seq: Number(seq), raw, bytes: Number(bytes) });
  }
  return groups;
}

/** The rows in order, some together: as many as have the bytes of a piece. */
function* pieces(rows: readonly Row[]): Generator<readonly Row[]> {
  let piece: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (piece.length > 0 && bytes + row.bytes > PIECE_BYTES) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(row);
    bytes += row.bytes;
  }
  if (piece.length > 0) yield piece;
}
