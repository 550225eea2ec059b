/**
 * JSON.parse, but an integer that a double cannot hold comes as the text of its digits, which filters compare exactly:
 * 9007199254740993 would silently become 9007199254740992.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
    return isExact(source, value) ? value : source;
  });
}

/** Whether a number is what its digits say; fractions and exponents are doubles as they are written. */
export function isExact(source: string, value: number): boolean {
  return !/^-?\d+$/u.test(source) || (Number.isFinite(value) && BigInt(source) === BigInt(value));
}
