import { fnv1a } from '../shared/fnv1a.ts';

/** Okabe and Ito's colours, which people with any kind of colour vision can tell apart; black is left to text. */
export const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442'] as const;

/** The colour of databases: no service has it. */
export const DATABASE_COLOR = 'var(--line-strong)';

/** A service's colour: the same for the same name, in every view and after every restart. */
export function serviceColor(name: string): string {
  return PALETTE[hash(name) % PALETTE.length] ?? PALETTE[0];
}

/**
 * FNV-1a, then mixed, because names often differ in their last letters alone. With this
 * factor the services of this workspace, the browser and a database get four different colours.
 */
function hash(text: string): number {
  const value = fnv1a(text);
  return Math.imul(value ^ (value >>> 15), 0x2c1b4619) >>> 7;
}
