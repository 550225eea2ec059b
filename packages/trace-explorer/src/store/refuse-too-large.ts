import type { DecodedTraces } from '@tandem/otlp';
import type { Refused } from './types.ts';

/** The part of a request that can be stored, and what of it never can be: sending that again would not help. */
export function refuseTooLarge(
  traces: DecodedTraces,
  maxSpanBytes: number,
  maxBytes: number,
): { readonly storable: DecodedTraces; readonly refused?: Refused } {
  let count = 0;
  const scopeSpans = traces.scopeSpans.map((group) => {
    // A resource is stored once, but has to be there as long as any of its spans.
    const shared = group.resource.raw.byteLength + group.scope.raw.byteLength;
    const fits = ({ raw }: { readonly raw: Uint8Array }) => shared + raw.byteLength <= maxSpanBytes;
    if (group.spans.every(fits)) return group;
    const spans = group.spans.filter(fits);
    count += group.spans.length - spans.length;
    return { ...group, spans };
  });
  if (count === 0) return { storable: traces };
  const reason = `${count === 1 ? '1 span is' : `${count} spans are`} larger, with the resource, than ${mebibytes(maxSpanBytes)} MiB, the most that a store of ${mebibytes(maxBytes)} MiB keeps; see EXPLORER_MAX_BYTES`;
  return {
    storable: { ...traces, scopeSpans, spanCount: traces.spanCount - count },
    refused: { count, reason },
  };
}

function mebibytes(bytes: number): number {
  return Math.round((bytes / 1024 ** 2) * 10) / 10;
}
