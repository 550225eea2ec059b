const LONG_INTEGER = /[:[,]\s*-?\d{16,}/;

/**
 * JSON.parse for OTLP: whole numbers beyond 2^53, which clients may send for 64-bit integers though the
 * encoding has them as text, come out as bigints and not rounded.
 * @throws SyntaxError; RangeError for a nesting that exceeds the stack
 */
export function parseJson(bytes: Uint8Array): unknown {
  return parseText(textOf(bytes));
}

/** UTF-8 as text. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** `parseJson` of text. @throws as parseJson */
export function parseText(text: string): unknown {
  // The reviver makes parsing six times slower, so only text with such a number gets it.
  return LONG_INTEGER.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
}

function exactInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
