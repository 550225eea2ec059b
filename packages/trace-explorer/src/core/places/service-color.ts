import { fnv1a } from '../../lib/text/fnv1a.ts';

/** The hues of services: `--c1` to `--c8` of the tokens. */
export const HUES = 8;

/** The colour of databases. No service has it. */
export const DATABASE_COLOR = 'var(--cdb)';

/** The colour of a service's index, as CSS. From the ninth index on a hue returns. */
export function hueOf(index: number): string {
  return `var(--c${(index % HUES) + 1})`;
}

/** Whether another service had the hue before: its mark is hollow then. */
export function isHollow(index: number): boolean {
  return index >= HUES;
}

/**
 * Indexes of colours for services, all different. A service keeps the hue of its name unless another service has it already;
 * then it gets a free one, and when all are taken, its own with a hollow mark.
 * @param before indexes given earlier, which stay
 * @example const indexes = serviceColors(['activities-api', 'user-lookup']); hueOf(indexes.get('user-lookup') ?? 0)
 */
export function serviceColors(
  names: Iterable<string>,
  before: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const colors = new Map(before);
  const taken = new Set(colors.values());
  const fresh = [...new Set(names)].filter((name) => !colors.has(name)).sort(byCodeUnits);
  const take = (name: string, index: number) => {
    colors.set(name, index);
    taken.add(index);
  };
  for (const name of fresh) if (!taken.has(ownHue(name))) take(name, ownHue(name));
  let round = 0;
  for (const name of fresh) {
    if (colors.has(name)) continue;
    while (isFull(round, taken)) round++;
    let hue = ownHue(name);
    while (taken.has(round * HUES + hue)) hue = (hue + 1) % HUES;
    take(name, round * HUES + hue);
  }
  return colors;
}

function isFull(round: number, taken: ReadonlySet<number>): boolean {
  return Array.from({ length: HUES }, (_, hue) => round * HUES + hue).every((index) => taken.has(index));
}

/** Compares by code units, in every language alike. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** The hue of a name. FNV-1a, then mixed, because many names differ only in their last letters. */
function ownHue(name: string): number {
  const value = fnv1a(name);
  return (Math.imul(value ^ (value >>> 15), 0x2c1b4619) >>> 7) % HUES;
}
