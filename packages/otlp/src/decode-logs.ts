import { decodeWhole } from './decode-in-parts.ts';
import type { OtlpEncoding } from './encoding.ts';
import type { DecodeLimits } from './limits.ts';
import type { DecodedLogs } from './messages/logs.ts';
import { logs } from './signals/logs.ts';

/**
 * Reads an ExportLogsServiceRequest in either of OTLP's encodings. A record that cannot be read, or that holds too much,
 * is left out and counted; it costs none of the others. Of protobuf, records keep views on `bytes`, which must not
 * change afterwards.
 * @throws UndecodableError when anything around the records is malformed; LimitError when there is too much
 */
export function decodeLogs(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits?: Partial<DecodeLimits>,
): DecodedLogs {
  return decodeWhole(logs, bytes, encoding, limits);
}
