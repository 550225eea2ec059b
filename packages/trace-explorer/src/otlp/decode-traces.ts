import { decodeJson } from './decode-json.ts';
import { decodeProtobuf } from './decode-protobuf.ts';
import type { DecodedTraces } from './types.ts';

export type OtlpEncoding = 'protobuf' | 'json';

/** The encoding that a Content-Type names; undefined when it is neither of OTLP's. */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/x-protobuf' || mediaType === 'application/protobuf') return 'protobuf';
  return mediaType === 'application/json' ? 'json' : undefined;
}

/**
 * Reads an export request in either of OTLP's encodings.
 * @throws UndecodableError
 */
export function decodeTraces(bytes: Uint8Array, encoding: OtlpEncoding): DecodedTraces {
  return encoding === 'json' ? decodeJson(bytes) : decodeProtobuf(bytes);
}
