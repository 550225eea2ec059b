/** The bytes are no OTLP request: nothing of it could be read (HTTP 400). */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
}
