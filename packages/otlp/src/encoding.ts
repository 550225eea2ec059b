/** OTLP's encodings of a message. */
export type OtlpEncoding = 'protobuf' | 'json';

/** The Content-Type of each encoding. */
export const CONTENT_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** The encoding that a Content-Type names; undefined when it is neither of OTLP's. */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === CONTENT_TYPES.protobuf || mediaType === 'application/protobuf') return 'protobuf';
  return mediaType === CONTENT_TYPES.json ? 'json' : undefined;
}
