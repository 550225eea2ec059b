import type { CallContext, Fn, Term } from './value.ts';
import { number } from './value.ts';

/** Functions of times, after Honeycomb's reference of time functions. Times are seconds since the epoch, in UTC. */
export const TIME_FUNCTIONS: readonly (readonly [string, Fn])[] = [
  ['UNIX_TIMESTAMP', { min: 1, max: 1, sql: ([a]) => ({ sql: unixTimestamp(a), type: 'float' }) }],
  ['EVENT_TIMESTAMP', { min: 0, max: 0, sql: () => ({ sql: '(_time / 1e9)', type: 'float' }) }],
  ['INGEST_TIMESTAMP', { min: 0, max: 0, sql: () => ({ sql: '(_received / 1e9)', type: 'float' }) }],
  ['FORMAT_TIME', { min: 2, max: 2, sql: formatTime }],
];

/** RFC 3339, as Go reads it. */
const RFC3339 = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$`;

function unixTimestamp(value: Term | undefined): string {
  if (value?.type !== 'string') return 'NULL::DOUBLE';
  return `epoch(TRY_CAST(nullif(regexp_extract(${value.sql}, '${RFC3339}'), '') AS TIMESTAMPTZ))`;
}

/** The range of seconds with four-digit years. */
const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;

/** POSIX's conversions as conversions of DuckDB, in the C locale. Other conversions have no counterpart in UTC. */
const CONVERSIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'aAbBdHIjmMpSUwWyY'].map((letter) => [letter, `%${letter}`])),
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  h: '%b',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  n: '\n',
  t: '\t',
  z: '+0000',
  Z: 'UTC',
  '%': '%%',
};

function formatTime([format, time]: readonly Term[], { bind, refuse }: CallContext): Term {
  if (typeof format?.literal !== 'string') return refuse('FORMAT_TIME takes its format as a text in quotes');
  const seconds = number(time);
  const at = `make_timestamp(CAST(CASE WHEN ${seconds} BETWEEN ${MIN_SECONDS} AND ${MAX_SECONDS} THEN ${seconds} * 1e6 END AS BIGINT))`;
  const pieces = piecesOf(format.literal, refuse).map((piece) => {
    // DuckDB lacks conversions for a day padded with a space, the day of an ISO week, a century and seconds.
    if (piece === '%e') return `lpad(CAST(day(${at}) AS VARCHAR), 2, ' ')`;
    if (piece === '%u') return `CAST(isodow(${at}) AS VARCHAR)`;
    if (piece === '%C') return `lpad(CAST(year(${at}) // 100 AS VARCHAR), 2, '0')`;
    if (piece === '%s') return `CAST(CAST(floor(epoch(${at})) AS BIGINT) AS VARCHAR)`;
    if (piece === '%G') return `CAST(isoyear(${at}) AS VARCHAR)`;
    if (piece === '%V') return `lpad(CAST(weekofyear(${at}) AS VARCHAR), 2, '0')`;
    return `strftime(${at}, ${bind(piece, 'VARCHAR')})`;
  });
  const formatted = pieces.length === 0 ? `CASE WHEN ${at} IS NOT NULL THEN '' END` : pieces.join(' || ');
  return { sql: `(${formatted})`, type: 'string' };
}

/** The format in parts: formats of DuckDB, and single conversions that DuckDB lacks. */
function piecesOf(format: string, refuse: CallContext['refuse']): string[] {
  const expanded = format.replaceAll(/%([\s\S]?)/gu, (written, letter: string) => {
    if ('eCGsuV'.includes(letter) && letter !== '') return written;
    const known = Object.hasOwn(CONVERSIONS, letter) ? CONVERSIONS[letter] : undefined;
    return known ?? refuse(`FORMAT_TIME does not know ${JSON.stringify(written)}`);
  });
  return expanded.split(/((?<=(?:^|[^%])(?:%%)*)%[eCGsuV])/u).filter((piece) => piece !== '');
}
