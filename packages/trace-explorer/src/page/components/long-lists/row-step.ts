/** How many rows a key moves by, in a list with `page` rows in sight. Undefined for other keys. */
export function rowStep(key: string, page: number): number | undefined {
  return { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }[key];
}
