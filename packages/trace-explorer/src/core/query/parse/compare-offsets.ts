/** Seconds that Honeycomb can compare with: 30 minutes, 1, 2, 8 and 24 hours, 7, 28 and 182 days. */
export const COMPARE_OFFSETS = [1800, 3600, 7200, 28_800, 86_400, 604_800, 2_419_200, 15_724_800] as const;

/** The allowed offsets, for people. */
export const OFFSETS_WORDS = `the seconds of the query's range, or one of ${COMPARE_OFFSETS.join(', ')}`;

export function isCompareOffset(seconds: number): boolean {
  return COMPARE_OFFSETS.some((each) => each === seconds);
}
