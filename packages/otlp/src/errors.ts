/** The bytes are no OTLP request (HTTP 400). */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
}

/** The request exceeds a limit of the reader, which the message names (HTTP 413). */
export class LimitError extends Error {
  override readonly name = 'LimitError';
}

/** The message of a thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
