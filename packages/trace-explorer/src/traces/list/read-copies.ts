import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { fingerprintsOf } from '../read/fingerprints.ts';
import { spanColumns } from '../read/span-columns.ts';

/** A span that is not counted: one of the same content is. */
export interface Copy {
  readonly traceId: string;
  readonly service: string;
  readonly error: boolean;
}

/** Spans that are decoded at most, 10 to 20 µs each: retries bring the same bytes again, which says enough. */
const MAX_DECODED = 2_000;

/**
 * The spans that a trace leaves out, as a span of the same content came before them (see `mergeDuplicates`).
 * @param from the rows in which they are looked for, for FROM, with its values
 */
export async function readCopies(
  store: SpanStore,
  { from, values }: { readonly from: string; readonly values: readonly unknown[] },
  options: ReadOptions = {},
): Promise<Copy[]> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `WITH shared AS (
      SELECT ${c.traceId} AS trace_id, ${c.spanId} AS span_id FROM ${from} GROUP BY ALL HAVING count(*) > 1
    ), s AS (
      SELECT _seq AS seq, ${c.traceId} AS trace_id, ${c.spanId} AS span_id, ${c.service} AS service, ${c.error} AS error,
        _span AS span, _scope AS scope FROM ${from}
    )
    SELECT seq, trace_id, span_id, service, error, md5(span), scope FROM s SEMI JOIN shared USING (trace_id, span_id)
    ORDER BY seq`,
    values,
    options,
  );
  const spans = rows.map(([seq, traceId, spanId, service, error, hash, scope]) => ({
    seq: Number(seq),
    id: `${traceId} ${spanId}`,
    print: `${hash} ${scope}`,
    copy: { traceId: String(traceId), service: String(service ?? ''), error: error === true },
  }));
  const prints = await fingerprintsOf(store, spans, options, MAX_DECODED);
  const seen = new Set<string>();
  return spans.flatMap(({ seq, id, copy }) => {
    const content = `${id} ${prints.get(seq)}`;
    if (seen.has(content)) return [copy];
    seen.add(content);
    return [];
  });
}
