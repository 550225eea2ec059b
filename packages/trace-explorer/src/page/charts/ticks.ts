import { LOCALE } from '../values/format.ts';

/** Round steps of time, seconds. */
export const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800,
  604_800,
];

/** At most `most` round times between `start` and `end`, seconds since the epoch. Round in local time. */
export function timeTicks(start: number, end: number, most: number): number[] {
  const step = TIME_STEPS.find((each) => (end - start) / each <= most) ?? Math.ceil((end - start) / most);
  // Ticks are at whole hours and days of the displayed time, also across the change to or from summer time.
  const offsetAt = (seconds: number) => new Date(seconds * 1000).getTimezoneOffset() * 60;
  const offset = offsetAt(start);
  const first = Math.ceil((start - offset) / step) * step + offset;
  const ticks: number[] = [];
  for (let at = first; at <= end; at += step) ticks.push(step > 3600 ? at + offsetAt(at) - offset : at);
  return ticks;
}

/** At most `most` round values between `min` and `max`. @param steps round ones, where powers of ten are not */
export function valueTicks(min: number, max: number, most: number, steps: readonly number[] = []): number[] {
  if (!(max > min)) return [min];
  const wanted = (max - min) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step =
    steps.find((each) => each >= wanted) ??
    ([1, 2, 5, 10].find((each) => each * power >= wanted) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step); i * step <= max; i++) ticks.push(i * step);
  return ticks;
}

/** Round values for a logarithmic axis: powers of ten. With few powers of ten, also their multiples by 2 and 5. */
export function logTicks(min: number, max: number): number[] {
  const [from, to] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const steps = to - from > 3 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  // With this many decades, only some of them have room for a label.
  const every = Math.ceil(powers.length / 7);
  return powers
    .filter((_, i) => i % every === 0)
    .flatMap((power) => steps.map((step) => Number(`${step}e${power}`)))
    .filter((value) => value >= min * 0.999 && value <= max * 1.001);
}

/** The label of a tick: with seconds only when ticks are closer than a minute, the date at midnight. */
export function formatTick(seconds: number, step: number): string {
  const date = new Date(seconds * 1000);
  if (step >= 3600 && (seconds - date.getTimezoneOffset() * 60) % 86_400 === 0) {
    return date.toLocaleDateString(LOCALE, { month: 'short', day: 'numeric' });
  }
  return date.toLocaleTimeString(LOCALE, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(step < 60 && { second: '2-digit' }),
  });
}
