export interface ChartColors {
  readonly bar: string;
  /** Colours of a heatmap's cells, from the lowest count to the highest. */
  readonly ramp: readonly string[];
}

/** Steps of lightness in one hue, from near the background to high contrast. Readable without colour vision. */
function ramp(from: readonly number[], middle: readonly number[], to: readonly number[]): string[] {
  return Array.from({ length: 32 }, (_, i) => {
    const [low, high, share] = i < 16 ? [from, middle, i / 16] : [middle, to, (i - 16) / 15];
    const mixed = low.map((each, channel) => Math.round(each + ((high[channel] ?? 0) - each) * share));
    return `rgb(${mixed.join(' ')})`;
  });
}

export const chartColors: Readonly<Record<'light' | 'dark', ChartColors>> = {
  light: {
    bar: '#7fb3d9',
    ramp: ramp([197, 224, 245], [46, 134, 193], [6, 42, 86]),
  },
  dark: {
    bar: '#3f6f96',
    ramp: ramp([24, 62, 100], [47, 137, 204], [216, 239, 255]),
  },
};

/** Colour of a count, by its logarithm, because a few cells have most of the spans. */
export function rampColor({ ramp: colors }: ChartColors, count: number, most: number): string {
  const share = most <= 1 ? 1 : Math.log(1 + count) / Math.log(1 + most);
  return colors[Math.min(colors.length - 1, Math.floor(share * colors.length))] ?? '';
}

/** Colours of the lines of groups: Okabe and Ito's colours, made darker or lighter for contrast with the background. */
export const LINE_COLORS = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#e69f00'],
  ['#009e73', '#1fc796'],
  ['#b0578d', '#e09cc0'],
  ['#8a6d00', '#f0e442'],
  ['#3a87b8', '#f0803c'],
  ['#4d4d4d', '#b8b8b8'],
] as const;

/** Colour of a group's line by the group's index in the results. */
export function lineColor(index: number): string {
  const [light, dark] = LINE_COLORS[index % LINE_COLORS.length] ?? LINE_COLORS[0];
  return `light-dark(${light}, ${dark})`;
}

/** The service of a group; undefined when groups are not services. */
export function groupService(breakdowns: readonly string[], value: unknown): string | undefined {
  return breakdowns.length === 1 && breakdowns[0] === 'service.name' && typeof value === 'string'
    ? value
    : undefined;
}
