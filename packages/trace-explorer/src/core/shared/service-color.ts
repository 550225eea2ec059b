import { fnv1a } from './fnv1a.ts';

/** Okabe and Ito's colours, which people with any kind of colour vision can tell apart. Black is reserved for text. */
const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442'] as const;

/**
 * Further colours, for views with more services. Each is the colour of the OKLab space that is farthest from all colours before
 * it, for normal vision and (weighted) for protanopia and deuteranopia, and has contrast on both backgrounds. All 24 are 0.099
 * apart or more; Okabe and Ito's own are 0.156 apart, and 0.02 can just be noticed (CSS Color 4).
 */
const MORE = [
  ...['#710b32', '#3906a5', '#23ecb6', '#925efd', '#7a5b4f', '#334770', '#94b788', '#bfc8f2', '#3344d9'],
  ...['#3f5703', '#bf2b96', '#8788da', '#e6c686', '#fc3d6d', '#5b007f', '#cda3bc', '#6f3bb2'],
];
/** All colours of services, Okabe and Ito's first. */
export const SERVICE_COLORS: readonly string[] = [...PALETTE, ...MORE];

/** The colour of databases. No service has it. */
export const DATABASE_COLOR = 'var(--line-strong)';

/** The colour of a service unless another service has it. Equal names have equal colours. */
function ownColor(name: string): string {
  return PALETTE[hash(name) % PALETTE.length] ?? PALETTE[0];
}

/**
 * Colours for services, all different. The first 24 can be told apart at a glance. A service keeps its own colour unless
 * another service has it already.
 * @param before colours given earlier, which stay
 * @example const colors = serviceColors(['activities-api', 'user-lookup']); colors.get('user-lookup')
 */
export function serviceColors(
  names: Iterable<string>,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const colors = new Map(before);
  const taken = new Set(colors.values());
  const fresh = [...new Set(names)].filter((name) => !colors.has(name)).sort(byCodeUnits);
  const take = (name: string, color: string) => {
    colors.set(name, color);
    taken.add(color);
  };
  for (const name of fresh) if (!taken.has(ownColor(name))) take(name, ownColor(name));
  for (const name of fresh) if (!colors.has(name)) take(name, freeColor(name, taken));
  return colors;
}

/** Compares by code units, in every language alike. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** A free colour that depends on the name. Okabe and Ito's come first, because they are farthest apart. */
function freeColor(name: string, taken: ReadonlySet<string>): string {
  for (const colors of [PALETTE, MORE]) {
    for (let i = 0; i < colors.length; i++) {
      const color = colors[(hash(name) + i) % colors.length] ?? '';
      if (!taken.has(color)) return color;
    }
  }
  let rank = taken.size;
  while (taken.has(furtherColor(rank))) rank++;
  return furtherColor(rank);
}

/** Endless colours: eight steps of lightness and chroma. On each step, hues are the golden angle apart. */
function furtherColor(rank: number): string {
  const step = rank % 8;
  const lightness = 0.48 + 0.1 * (step % 4);
  const chroma = step < 4 ? 0.1 : 0.16;
  const hue = Math.floor(rank / 8) * 137.508 + step * 45;
  return `oklch(${lightness.toFixed(2)} ${chroma} ${(hue % 360).toFixed(1)})`;
}

/**
 * FNV-1a, then mixed, because many names differ only in their last letters. With this factor the services of this workspace,
 * the browser and a database get four different colours.
 */
function hash(text: string): number {
  const value = fnv1a(text);
  return Math.imul(value ^ (value >>> 15), 0x2c1b4619) >>> 7;
}
