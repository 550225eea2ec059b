/** The bytes are not an OTLP request: nothing of it could be read (HTTP 400). */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
}

/** The request holds more than the reader takes: what it is, and how much is taken, is in the message (HTTP 413). */
export class LimitError extends Error {
  override readonly name = 'LimitError';
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
