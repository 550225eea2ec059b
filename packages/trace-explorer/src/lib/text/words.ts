import { onOneLine, PLAIN, visibleName } from './harmless-text.ts';

/** Most characters of a name. */
const LONGEST = 80;

/** A name in a sentence: cut to one line, with code points for invisible characters. */
export function quoted(name: string, longest = LONGEST): string {
  if (name.length <= longest && PLAIN.test(name)) return name;
  const characters = [...visibleName(onOneLine(name.slice(0, 4 * longest)))];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`;
}

/** A count with separators: `1,234,567`. Without `Intl`, whose first use takes some 40 ms of a command, and 5 of a page. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `≈ 12,600`: a figure that may be an estimate. */
export function estimateText(text: string, isEstimate: boolean | undefined): string {
  return isEstimate ? `≈ ${text}` : text;
}

/** `≈ 12,600 traces, seen in 30`: stored traces that show something, with what they stand for. */
export function seenText({ traces, seen }: { traces: number; seen: number }, noun = 'trace'): string {
  return `≈ ${counted(traces, noun)}, seen in ${formatCount(seen)}`;
}

/** `1 span`, `1,200 spans`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${plural(count, noun)}`;
}

/** `span` of one, `spans` of any other number. */
export function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}

/** `twice`, `3 times`. */
export function times(count: number): string {
  return count === 2 ? 'twice' : counted(count, 'time');
}

/** `a, b and c`; with more than three names the first two, and the number of the others. */
export function listed(names: readonly string[]): string {
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} others`] : names;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** A dataset's name in URLs, in Honeycomb's form: lower case, with dashes for characters that a path cannot hold. */
export function slugOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9._~-]+/gu, '-');
}

/** The text that a list has most often, the first one of several; undefined for an empty list. */
export function mostOften(texts: Iterable<string>): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0];
}

/** Bytes with a unit: `512 B`, `12.3 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(3))} ${units[power]}`;
}
