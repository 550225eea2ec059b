/** Optional white space of HTTP (RFC 9110: space and tab only, unlike `String.prototype.trim`). */
function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The index of the first character between `from` and `to` that is not optional white space, or `to`. */
export function skipWhiteSpace(text: string, from: number, to: number): number {
  let index = from;
  while (index < to && isWhiteSpace(text.charCodeAt(index))) index++;
  return index;
}

/** The index behind the last character between `from` and `to` that is not optional white space, or `from`. */
export function skipWhiteSpaceBack(text: string, from: number, to: number): number {
  let index = to;
  while (index > from && isWhiteSpace(text.charCodeAt(index - 1))) index--;
  return index;
}

/** The part of a header without the optional white space around it. */
export function trimWhiteSpace(text: string, from = 0, to = text.length): string {
  const start = skipWhiteSpace(text, from, to);
  return text.slice(start, skipWhiteSpaceBack(text, start, to));
}
