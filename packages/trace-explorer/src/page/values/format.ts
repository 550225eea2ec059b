import { counted, estimateText, formatBytes, formatCount, plural } from '../../lib/text/words.ts';

export { formatDuration, signedDuration } from '../../lib/text/format-duration.ts';
export { counted, formatBytes, formatCount, plural };

/**
 * The text of a figure, which does not wrap, with ≈ for an estimate.
 * @param estimated whether it is one; or the stored spans of an estimate, which are undefined for an exact figure
 */
export function about(text: string, estimated: boolean | number | undefined): string {
  return estimateText(text, Boolean(estimated)).replaceAll(' ', estimated ? '\u00a0' : ' ');
}

/** A count in a sentence: `≈ 9,000 requests`. */
export function aboutCount(count: number, what: string, estimated: boolean | number | undefined): string {
  return `${about(formatCount(count), estimated)} ${what}`;
}

/** Three significant digits, with k, M or G from 10,000 on: `0.0123`, `12.3`, `1,234`, `12.3k`. */
export function formatNumber(value: number): string {
  if (value < 0) return `-${formatNumber(-value)}`;
  if (value >= 1e16) return value.toPrecision(3).replace('+', '');
  if (Number.isInteger(value) && value < 10_000) return formatCount(value);
  const [size, suffix] = SCALES.find(([, , from]) => value >= from) ?? [1, ''];
  return significant(value / size) + suffix;
}

/** Sizes and suffixes, each with the smallest number that is written with it. */
const SCALES = [
  [1e12, 'T', 0.9995e12],
  [1e9, 'G', 0.9995e9],
  [1e6, 'M', 0.9995e6],
  [1e3, 'k', 9999.5],
] as const;

function significant(value: number): string {
  if (value === 0) return '0';
  if (value >= 1000) return formatCount(Math.round(value));
  if (value < 0.001) return value.toExponential(2);
  return String(Number(value.toPrecision(3)));
}

/** A share of 0 to 1 as a percentage: `0 %`, `0.12 %`, `12.3 %`. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(share >= 0.9995 ? 4 : 3))} %`;
}

/**
 * The locale of all times on the page. Its words are English, like the rest of the page, in a browser of any language.
 */
export const LOCALE = 'en-GB';

let date: Intl.DateTimeFormat | undefined;

/**
 * Local time: `07:43:21.123`. With the date when it is not today's, and with the zone when it differs from the present one, as
 * between summer and winter. Milliseconds since the epoch.
 */
export function formatTime(milliseconds: number, now = Date.now()): string {
  const at = new Date(milliseconds);
  const zone = formatZone(milliseconds);
  const time = `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}${zone === formatZone(now) ? '' : ` ${zone}`}`;
  if (at.toDateString() === new Date(now).toDateString()) return time;
  // Made at first use, because it takes 10 ms of a page's first view.
  date ??= new Intl.DateTimeFormat(LOCALE, { year: 'numeric', month: 'short', day: 'numeric' });
  return `${date.format(milliseconds)} ${time}`;
}

/** The browser's zone at a moment, milliseconds since the epoch: `GMT+0530`, which ECMAScript writes in every language. */
export function formatZone(milliseconds: number): string {
  return new Date(milliseconds).toTimeString().slice(9, 17);
}

/** A moment in UTC, for hovering: `2026-11-20 07:43:21.123 UTC`. */
export function formatUtc(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 23).replace('T', ' ')} UTC`;
}

/** Seconds of a unit, its short word, and its long one. */
const PERIODS = [
  [86_400, 'd', 'day'],
  [3600, 'h', 'hour'],
  [60, 'min', 'minute'],
] as const;
const SECOND = [1, 's', 'second'] as const;

/** The largest unit of which some seconds are a whole number, as in `PERIODS`. */
export function wholePeriod(seconds: number) {
  return PERIODS.find(([size]) => seconds >= size && seconds % size === 0) ?? SECOND;
}

/** Seconds that a sender's clock may be ahead before the page says so. */
const AHEAD = 2;

/** The time since a moment, in short words: `12 s ago`, `3 min ago`; `in 2 h` when the sender's clock is ahead of this one. */
export function formatAgo(milliseconds: number, now = Date.now()): string {
  const ago = Math.round((now - milliseconds) / 1000);
  const seconds = ago < -AHEAD ? -ago : Math.max(0, ago);
  const [size, unit] = PERIODS.find(([each]) => seconds >= each) ?? SECOND;
  const text = `${Math.floor(seconds / size)} ${unit}`;
  return ago < -AHEAD ? `in ${text}` : `${text} ago`;
}

const HOUR = 3600;

/** The rate of events within some seconds: `6.5/s`, `12/min`, `21/h`. Of rarer events, or of less than an hour: `2 in 10 min`. */
export function formatRate(count: number, seconds: number): string {
  if (count === 0) return '0';
  if (count >= seconds) return `${formatNumber(count / seconds)}/s`;
  if (count * 60 >= seconds) return `${formatNumber((count * 60) / seconds)}/min`;
  if (seconds >= HOUR && count * HOUR >= seconds) return `${formatNumber((count * HOUR) / seconds)}/h`;
  const [size, unit] = wholePeriod(seconds);
  return `${formatCount(count)} in ${formatNumber(seconds / size)} ${unit}`;
}
