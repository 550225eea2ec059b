/** Okabe and Ito's colours, which people with any kind of colour vision can tell apart; black is left to text. */
export const palette = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442'] as const;

/** Of what is no service: never one of theirs. */
export const databaseColor = 'var(--line-strong)';

/** A service's colour: the same one for the same name, everywhere and always. */
export function serviceColor(name: string): string {
  return palette[hash(name) % palette.length] ?? palette[0];
}

/**
 * FNV-1a, then mixed, because names often differ in their last letters alone. The factor is one with which the
 * services of this workspace, the browser and a database get four colours.
 */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value ^= value >>> 15;
  return Math.imul(value, 0x2c1b4619) >>> 7;
}
