/** What a backslash and a letter stand for, as in Go. */
const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
};

const ESCAPE =
  /\\(?:u(?<u>[0-9a-fA-F]{4})|U(?<U>[0-9a-fA-F]{8})|x(?<x>[0-9a-fA-F]{2})|(?<octal>[0-3][0-7]{2})|(?<letter>[abfnrtv\\"]))/uy;

/**
 * A text in double quotes as what it says, by Go's rules, which Honeycomb's are: `\u00e9` is a character, `\xc3` and `\303`
 * are bytes of UTF-8. Undefined for an escape that is none.
 */
export function unquote(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  const parts: Buffer[] = [];
  for (let at = 0; at < inner.length; ) {
    const next = inner.indexOf('\\', at);
    if (next !== at) {
      const end = next < 0 ? inner.length : next;
      parts.push(Buffer.from(inner.slice(at, end)));
      at = end;
      continue;
    }
    ESCAPE.lastIndex = at;
    const groups = ESCAPE.exec(inner)?.groups;
    const part = groups && escaped(groups);
    if (part === undefined) return undefined;
    parts.push(part);
    at = ESCAPE.lastIndex;
  }
  return Buffer.concat(parts).toString();
}

function escaped({ u, U, x, octal, letter }: Record<string, string | undefined>): Buffer | undefined {
  const byte =
    x !== undefined ? Number.parseInt(x, 16) : octal !== undefined ? Number.parseInt(octal, 8) : undefined;
  if (byte !== undefined) return Buffer.of(byte);
  if (letter !== undefined) return Buffer.of(ESCAPES[letter] ?? 0);
  const code = Number.parseInt(u ?? U ?? '', 16);
  const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? Buffer.from(String.fromCodePoint(code)) : undefined;
}
