import { hueOf } from '../../core/shared/service-color.ts';

/** Steps of a heatmap's ramp, from the lowest count to the highest. */
const STEPS = 32;

/** How much of the accent a cell has for its count, by the count's logarithm, because a few cells have most of the spans. */
export function rampShare(count: number, most: number): number {
  const share = most <= 1 ? 1 : Math.log(1 + count) / Math.log(1 + most);
  return 0.14 + 0.86 * (Math.floor(share * (STEPS - 1)) / (STEPS - 1));
}

/** The ramp as a picture of CSS, for a legend. */
export const RAMP =
  'linear-gradient(to right, color-mix(in srgb, var(--accent) 14%, transparent), var(--accent))';

/** Colour of a group's line by the group's index in the results. */
export function lineColor(index: number): string {
  return hueOf(index);
}

/** The service of a group; undefined when groups are not services. */
export function groupService(breakdowns: readonly string[], value: unknown): string | undefined {
  return breakdowns.length === 1 && breakdowns[0] === 'service.name' && typeof value === 'string'
    ? value
    : undefined;
}
