/**
 * JSON.parse, except that an integer which a double cannot hold becomes the text of its digits. Filters compare this text
 * exactly: JSON.parse would turn 9007199254740993 into 9007199254740992.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
    return isExact(source, value) ? value : source;
  });
}

/** The value of a JSON text, see parseJson; undefined for any other text. */
export function jsonOrNothing(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Whether a number equals its digits. Fractions and exponents are doubles by definition. */
export function isExact(source: string, value: number): boolean {
  return !/^-?\d+$/u.test(source) || (Number.isFinite(value) && BigInt(source) === BigInt(value));
}
