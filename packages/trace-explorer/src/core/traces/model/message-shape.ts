import { sqlText } from '../../shared/sql-text.ts';

/** Most characters of a message, and of a name, that tell causes apart. */
const LONGEST = 300;

const QUOTED = ['"[^"]{1,200}"', '`[^`]{1,200}`', String.raw`\B'[^']{1,200}'\B`, '[“«][^”»]{1,200}[”»]'];
const URL = '[a-z][a-z0-9+.-]{0,20}://[^ \\t\\r\\n"\'`<>]+';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}';
const DATE = `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?(?:[0-9]{1,2} )?${MONTH} [0-9][0-9:.,]*`;
/** A word with a digit, `/`, `@` or `\`: numbers, ids, hex, paths, addresses of mail and hosts, dates. */
const WORD = '[^ \\t\\r\\n"\'`(),;=<>{}\\[\\]]*[\\p{Nd}/@\\\\][^ \\t\\r\\n"\'`(),;=<>{}\\[\\]]*';
const HEX = String.raw`\b[0-9a-fA-F]{8,}\b`;

/** The parts of a message that differ from request to request. A pattern of RE2 and, with flag `u`, of JavaScript. */
const VARIABLE = [...QUOTED, URL, DATE, WORD, HEX].join('|');
/** Variable parts beside each other: `1, 2 and …` of a list, or `1,200`. */
const BESIDE = '…(?:[ ,;:|.-]{0,2}…)+';

/** SQL of `messageShape`. */
export function messageShapeSql(message: string): string {
  const shape = `regexp_replace(substr(${message}, 1, ${LONGEST}), ${sqlText(VARIABLE)}, '…', 'g')`;
  return `regexp_replace(${shape}, '${BESIDE}', '…', 'g')`;
}

/**
 * A message without its variable parts, which become `…`. Equal faults have equal shapes. The text is bounded, so that words
 * without an end cost no more than linear time.
 * @example messageShape('order 7 of user "ann" not found') // 'order … of user … not found'
 */
export function messageShape(message: string): string {
  const [variable, beside] = [new RegExp(VARIABLE, 'gu'), new RegExp(BESIDE, 'gu')];
  return cutKey(message).replace(variable, '…').replace(beside, '…');
}

/** The first characters of a text, as SQL's `substr` counts them. */
export function cutKey(text: string): string {
  if (text.length <= LONGEST) return text;
  return Array.from(text.slice(0, 2 * LONGEST))
    .slice(0, LONGEST)
    .join('');
}

/** SQL of `cutKey`. */
export function cutSql(text: string): string {
  return `substr(${text}, 1, ${LONGEST})`;
}
