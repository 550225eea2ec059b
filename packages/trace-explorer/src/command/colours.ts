import { SERVICE_COLORS, serviceColors } from '../shared/service-color.ts';

/** Colours text for a terminal, or leaves it as it is. */
export interface Colours {
  /** Gives each of the services that are shown together the colour that the page's trace view gives it. */
  services(names: readonly string[]): (name: string, text: string) => string;
  error(text: string): string;
  warning(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

/**
 * The page's colours, one by one: as they are, as the nearest of xterm's 256, and as ANSI's 16, of which seven can be
 * read on any ground. The first seven are Okabe and Ito's, in both of the smaller palettes by hand.
 */
const palette24 = SERVICE_COLORS.map((hex) => `38;2;${channelsOf(hex).join(';')}`);
const palette256 = [
  ...[32, 214, 36, 175, 74, 166, 227],
  ...SERVICE_COLORS.slice(7).map((hex) => nearestOf256(channelsOf(hex))),
].map((code) => `38;5;${code}`);
const palette16 = ['94', '33', '32', '95', '96', '37', '93'];

/** @param depth bits of colour that the terminal has, as from `getColorDepth`; 1 is none (not a terminal, NO_COLOR) */
export function chooseColours(depth: number): Colours {
  if (depth < 4) {
    const plain = (text: string) => text;
    return { services: () => (_name, text) => text, error: plain, warning: plain, bold: plain, dim: plain };
  }
  const palette = depth < 8 ? palette16 : depth < 24 ? palette256 : palette24;
  const paint = (code: string, text: string) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`);
  return {
    services(names) {
      const colors = serviceColors(names);
      return (name, text) => {
        const index = SERVICE_COLORS.indexOf(colors.get(name) ?? '');
        return index < 0 ? text : paint(palette[index % palette.length] ?? '0', text);
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

/** The nearest one in xterm's cube of 6 × 6 × 6 colours, which begins at 16. */
function nearestOf256(channels: readonly number[]): number {
  const levels = [0, 95, 135, 175, 215, 255];
  const steps = channels.map((channel) => {
    const away = levels.map((level) => Math.abs(level - channel));
    return away.indexOf(Math.min(...away));
  });
  return 16 + steps.reduce((sum, step) => sum * 6 + step, 0);
}
