const LONG_INTEGER = /[:[,]\s*-?\d{16,}/;

/**
 * JSON.parse for OTLP. Whole numbers beyond 2^53 become bigints instead of rounded numbers: some clients send 64-bit
 * integers as numbers, where the encoding has text.
 * @throws SyntaxError; RangeError for a nesting that exceeds the stack
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  // The reviver makes parsing six times slower, so only text with such a number gets it.
  return LONG_INTEGER.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
}

function exactInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
