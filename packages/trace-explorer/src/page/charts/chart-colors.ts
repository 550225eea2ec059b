/** What canvases draw with; the same tones as theme.css, which a canvas cannot read. */
export interface ChartColors {
  readonly text: string;
  readonly line: string;
  readonly cursor: string;
  readonly bar: string;
  /** Colours of a heatmap's cells, from the lowest count to the highest. */
  readonly ramp: readonly string[];
}

/** Steps of lightness in one hue: few is close to the ground, many stands out. Readable without seeing colours. */
function ramp(from: readonly number[], middle: readonly number[], to: readonly number[]): string[] {
  return Array.from({ length: 32 }, (_, i) => {
    const [low, high, share] = i < 16 ? [from, middle, i / 16] : [middle, to, (i - 16) / 15];
    const mixed = low.map((each, channel) => Math.round(each + ((high[channel] ?? 0) - each) * share));
    return `rgb(${mixed.join(' ')})`;
  });
}

export const chartColors: Readonly<Record<'light' | 'dark', ChartColors>> = {
  light: {
    text: '#57606a',
    line: '#e4e7eb',
    cursor: '#1b1f24',
    bar: '#7fb3d9',
    ramp: ramp([197, 224, 245], [46, 134, 193], [6, 42, 86]),
  },
  dark: {
    text: '#9da7b3',
    line: '#272d34',
    cursor: '#e5e8eb',
    bar: '#3f6f96',
    ramp: ramp([24, 62, 100], [47, 137, 204], [216, 239, 255]),
  },
};

/** Colour of a count: its logarithm, because a few cells hold most of the spans. */
export function rampColor({ ramp: colors }: ChartColors, count: number, most: number): string {
  const share = most <= 1 ? 1 : Math.log(1 + count) / Math.log(1 + most);
  return colors[Math.min(colors.length - 1, Math.floor(share * colors.length))] ?? '';
}

/** The font of axes, in the size that the browser is set to. */
export function chartFont(): string {
  return `${0.6875 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)}px system-ui, sans-serif`;
}

/** Lines of groups: Okabe and Ito's colours, each dark or light enough to be seen on its ground. */
const lines = {
  light: ['#0072b2', '#d55e00', '#009e73', '#b0578d', '#8a6d00', '#3a87b8', '#4d4d4d'],
  dark: ['#56b4e9', '#e69f00', '#1fc796', '#e09cc0', '#f0e442', '#f0803c', '#b8b8b8'],
} as const;

/** Lines that have a colour each, so that one colour is one group. */
export const LINE_COLORS = lines.light.length;

/** Colour of a group's line by the group's place in the results. */
export function lineColor(scheme: 'light' | 'dark', index: number): string {
  return lines[scheme][index % lines[scheme].length] ?? lines[scheme][0];
}

/** The service that a group stands for, where groups are services. */
export function groupService(breakdowns: readonly string[], value: unknown): string | undefined {
  return breakdowns.length === 1 && breakdowns[0] === 'service.name' && typeof value === 'string'
    ? value
    : undefined;
}
