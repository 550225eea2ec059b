import { tokens } from '../../../lib/node/tokens.ts';
import { HUES, serviceColors } from '../../places/service-color.ts';

/** Colours text for a terminal, or leaves the text unchanged. */
export interface Colours {
  /** Gives each of the services that are shown together the colour that the page's trace view gives it. */
  services(names: readonly string[]): (name: string, text: string) => string;
  error(text: string): string;
  warning(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

/** The page's hues in ANSI codes of 24 bits: between their light and dark form, since nobody knows a terminal's ground. */
const palette24 = Array.from({ length: HUES }, (_, hue) => {
  const [, light = '', dark = ''] =
    new RegExp(`--c${hue + 1}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(tokens) ?? [];
  const other = channelsOf(dark);
  return `38;2;${channelsOf(light)
    .map((each, i) => Math.round((each + (other[i] ?? 0)) / 2))
    .join(';')}`;
});
/** Colours of ANSI's 16 that can be read on any ground, for terminals with fewer colours. */
const palette16 = ['94', '33', '32', '95', '96', '37', '93'];

/** @param depth bits of colour that the terminal has; 1 is none. Of standard output when left out: none for a file, or with NO_COLOR */
export function chooseColours(depth = process.stdout.isTTY ? process.stdout.getColorDepth() : 1): Colours {
  if (depth < 4) {
    const plain = (text: string) => text;
    return { services: () => (_name, text) => text, error: plain, warning: plain, bold: plain, dim: plain };
  }
  const palette = depth < 24 ? palette16 : palette24;
  const paint = (code: string, text: string) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`);
  return {
    services(names) {
      const colors = serviceColors(names);
      return (name, text) => {
        const index = colors.get(name);
        return index === undefined ? text : paint(palette[index % palette.length] ?? '0', text);
      };
    },
    error: (text) => paint('1;31', text),
    warning: (text) => paint('33', text),
    bold: (text) => paint('1', text),
    dim: (text) => paint('2', text),
  };
}

/** Red, green and blue, 0 to 255, of a colour like `#0072b2`. */
function channelsOf(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
