import { decodeRpcStatus } from '@tandem/otlp/protobuf';

/**
 * The sentence in the body of an error answer: Honeycomb's `{"error"}`, OTLP's `{"message"}`, the `detail` or `title`
 * of problem details (RFC 9457), or plain text. Undefined for an empty body and for HTML. It is foreign text: make it
 * safe before it is shown (see log-safe.ts).
 */
export function messageOf(body: unknown): string | undefined {
  if (body instanceof Uint8Array && (body[0] === STATUS_CODE || body[0] === STATUS_MESSAGE)) {
    try {
      return decodeRpcStatus(body, 'protobuf').message || undefined;
    } catch {
      // Text after all.
    }
  }
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body;
  if (typeof text !== 'string' || text.trim() === '' || text.trimStart().startsWith('<')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) {
      const { detail, error, message, title }: ErrorBody = parsed;
      return [detail, error, message, title].find(
        (part): part is string => typeof part === 'string' && part !== '',
      );
    }
  } catch {
    // Not JSON.
  }
  return text;
}

/** Tags of google.rpc.Status, of which one is its first byte in protobuf; as text they are control characters. */
const STATUS_CODE = 0x08;
const STATUS_MESSAGE = 0x12;

interface ErrorBody {
  readonly detail?: unknown;
  readonly error?: unknown;
  readonly message?: unknown;
  readonly title?: unknown;
}
