import { PALETTE, serviceColor } from '../page/service-color.ts';

/** Colours text for a terminal, or leaves it as it is. */
export interface Colours {
  /** In the service's colour: the same for the same name, and different among up to seven services. */
  service(name: string, text: string, among: readonly string[]): string;
  error(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

/**
 * The page's palette, colour by colour: blue, orange, bluish green, reddish purple, sky blue, vermillion, yellow. As it
 * is, as xterm's 256 and as ANSI's 16 colours.
 */
const palette24 = PALETTE.map(
  (hex) => `38;2;${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(';')}`,
);
const palette256 = [32, 214, 36, 175, 74, 166, 227].map((code) => `38;5;${code}`);
const palette16 = ['94', '33', '32', '95', '96', '37', '93'];

/** @param depth bits of colour that the terminal has, as from `getColorDepth`; 1 is none (not a terminal, NO_COLOR) */
export function chooseColours(depth: number): Colours {
  if (depth < 4) {
    const plain = (text: string) => text;
    return { service: (_name, text) => text, error: plain, bold: plain, dim: plain };
  }
  const palette = depth < 8 ? palette16 : depth < 24 ? palette256 : palette24;
  const paint = (code: string, text: string) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`);
  return {
    service: (name, text, among) => paint(palette[slotOf(name, among, palette.length)] ?? '0', text),
    error: (text) => paint('1;31', text),
    bold: (text) => paint('1', text),
    dim: (text) => paint('2', text),
  };
}

/** The slot of the colour that the page gives the name; the next free one when an earlier name has it. */
function slotOf(name: string, among: readonly string[], slots: number): number {
  const own = (each: string) => PALETTE.indexOf(serviceColor(each) as (typeof PALETTE)[number]) % slots;
  const taken = new Set<number>();
  for (const each of [...among].sort()) {
    let slot = own(each);
    while (taken.has(slot) && taken.size < slots) slot = (slot + 1) % slots;
    if (each === name) return slot;
    taken.add(slot);
  }
  return own(name);
}
