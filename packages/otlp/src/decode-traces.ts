import { decodeWhole } from './decode-in-parts.ts';
import type { OtlpEncoding } from './encoding.ts';
import type { DecodeLimits } from './limits.ts';
import type { DecodedTraces } from './messages/trace.ts';
import { traces } from './signals/traces.ts';

/**
 * Reads an ExportTraceServiceRequest in either of OTLP's encodings. A span that cannot be read, or that holds too much,
 * is left out and counted; it costs none of the others. Of protobuf, spans keep views on `bytes`, which must not
 * change afterwards.
 * @throws UndecodableError when anything around the spans is malformed; LimitError when there is too much
 */
export function decodeTraces(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits?: Partial<DecodeLimits>,
): DecodedTraces {
  return decodeWhole(traces, bytes, encoding, limits);
}
