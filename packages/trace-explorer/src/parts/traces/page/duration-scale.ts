/** The lengths of bars. They are linear, so that twice the length is twice the time. */
export type DurationScale = ReturnType<typeof durationScale>;

/** The longest duration sets the scale when it is at most this many times the 95th percentile. No bar is too long then. */
const FAR = 3;
const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/**
 * The scale for a list of durations in milliseconds. One trace of 4.8 s among many of 20 ms must not make the others two pixels
 * long. So when the longest is far beyond the 95th percentile, this percentile is the full length, rounded up to a number that
 * is easy to read.
 */
export function durationScale(durations: readonly number[]) {
  const sorted = durations.toSorted((a, b) => a - b);
  const longest = sorted.at(-1) ?? 0;
  const usual = sorted[Math.floor((sorted.length - 1) * 0.95)] ?? 0;
  /** Milliseconds of a bar of full length. */
  const full = roundedUp(longest > FAR * usual && usual > 0 ? usual : longest);
  /** Whether a displayed duration exceeds the full length: its bar is cut and marked. */
  const cut = longest > full;
  return { full, cut };
}

function roundedUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((each) => each * power >= value * 0.999_999) ?? 10;
  return step * power;
}
