import { fnv1a } from '../shared/fnv1a.ts';

/** Colours text for a terminal, or leaves it as it is. */
export interface Colours {
  /** In the service's colour: the same for the same name, and different among up to seven services. */
  service(name: string, text: string, among: readonly string[]): string;
  error(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

/**
 * Okabe and Ito's palette, which people with any colour vision can tell apart, as xterm's 256 and as ANSI's 16
 * colours: orange, sky blue, bluish green, yellow, blue, vermillion, reddish purple.
 */
const palette256 = [214, 74, 36, 227, 32, 166, 175].map((code) => `38;5;${code}`);
const palette16 = ['33', '96', '32', '93', '94', '37', '95'];

/** @param depth bits of colour that the terminal has, as from `getColorDepth`; 1 is none (not a terminal, NO_COLOR) */
export function chooseColours(depth: number): Colours {
  if (depth < 4) {
    const plain = (text: string) => text;
    return { service: (_name, text) => text, error: plain, bold: plain, dim: plain };
  }
  const palette = depth < 8 ? palette16 : palette256;
  const paint = (code: string, text: string) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`);
  return {
    service: (name, text, among) => paint(palette[slotOf(name, among, palette.length)] ?? '0', text),
    error: (text) => paint('1;31', text),
    bold: (text) => paint('1', text),
    dim: (text) => paint('2', text),
  };
}

/** A name's own slot by its hash; the next free one when an earlier name has it. */
function slotOf(name: string, among: readonly string[], slots: number): number {
  const taken = new Set<number>();
  for (const each of [...among].sort()) {
    let slot = fnv1a(each) % slots;
    while (taken.has(slot) && taken.size < slots) slot = (slot + 1) % slots;
    if (each === name) return slot;
    taken.add(slot);
  }
  return fnv1a(name) % slots;
}
