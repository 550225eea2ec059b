/** The text that a list has most often, the first one of several; undefined for an empty list. */
export function mostOften(texts: Iterable<string>): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  let [most, found]: [number, string | undefined] = [0, undefined];
  for (const [text, count] of counts) if (count > most) [most, found] = [count, text];
  return found;
}
