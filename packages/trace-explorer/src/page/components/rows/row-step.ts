/** How many rows a key moves by in a list whose page has so many rows; undefined for other keys. */
export function rowStep(key: string, page: number): number | undefined {
  return { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }[key];
}
