/** Scripts whose letters U+200C and U+200D join or part: Arabic's relatives, and scripts of India and its neighbours. */
const JOINED = 'Arab Syrc Nkoo Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt'
  .split(' ')
  .map((script) => `\\p{scx=${script}}`)
  .join('');
const EMOJI = '\\p{Extended_Pictographic}';

/**
 * Characters that nobody sees: Unicode's control and format characters, without the signs that stand before Arabic, Syriac and
 * Kaithi numbers. U+200C and U+200D stay between two characters that they join, as in Persian and Indic names and in emoji.
 */
const UNSEEN = new RegExp(
  [
    '[\\p{Cc}\\p{Zl}\\p{Zp}]',
    '(?![\u200c\u200d\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\\u{110bd}\\u{110cd}])\\p{Cf}',
    `(?<![${JOINED}${EMOJI}\\p{Emoji_Modifier}\ufe0f])[\u200c\u200d]`,
    `[\u200c\u200d](?![${JOINED}${EMOJI}])`,
  ].join('|'),
  'gu',
);

/**
 * Text that a terminal displays but does not execute. Control characters (escape sequences begin with one), marks that
 * change the direction of writing and spaces without width become visible.
 */
export function harmless(text: string): string {
  return text.toWellFormed().replace(UNSEEN, '\ufffd');
}

/** What most names are: their letters and signs are all seen. */
export const PLAIN = /^[!-~][ -~]*$/;

/** Shown characters of a blank name. */
const MOST_BLANKS = 4;

/** A name as it is. An invisible character is shown by its code point, `⟨U+202E⟩`, and so are the spaces of a blank name. */
export function visibleName(name: string): string {
  if (name === '') return '(no name)';
  if (PLAIN.test(name)) return name;
  const shown = name.toWellFormed().replace(UNSEEN, codePoint);
  if (name.replace(UNSEEN, '').trim() !== '') return shown;
  const blanks = [...name];
  return blanks.slice(0, MOST_BLANKS).map(codePoint).join('') + (blanks.length > MOST_BLANKS ? '…' : '');
}

function codePoint(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** Harmless text on one line: line breaks become spaces. */
export function harmlessLine(text: string): string {
  return harmless(onOneLine(text));
}

/** Text without line breaks: each becomes a space, with the blanks around it. In linear time, also for blanks alone. */
export function onOneLine(text: string): string {
  return text.replace(/\s+/g, (blanks) => (blanks.includes('\n') ? ' ' : blanks));
}

/**
 * Lines that are no commands for the programs that read the output of a job: GitHub's runner takes `::error::` at the begin of a
 * line and `##[error]` anywhere, Azure's and TeamCity's what begins with `##vso[` and `##teamcity[`.
 */
export function withoutCommands(lines: string): string {
  return lines.replace(/^([^\S\n]*)(?=::)/gmu, '$1· ').replace(/##(?=\w{0,20}\[)/gu, '# #');
}

/** Harmless text that keeps its line breaks. */
export function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}

/**
 * JSON that a terminal displays but does not execute: control characters and invisible marks are escaped. Parsing gives the
 * same value.
 * @param indent spaces; with 0 the JSON is on one line
 */
export function harmlessJson(value: unknown, indent = 2): string {
  return escapeUnseen(JSON.stringify(value, null, indent)).replaceAll('##', '#\\u0023');
}

/** JSON with control characters and invisible marks as escapes. */
export function escapeUnseen(json: string): string {
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escapeUnit(character.charCodeAt(at))).join(''),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/**
 * A text as one word for a POSIX shell. Anybody may have written the text, and a terminal would execute its control characters.
 */
export function shellWord(text: string): string {
  if (/^[\w./:@-]+$/.test(text)) return text;
  return `'${text.replaceAll(/\p{Cc}/gu, ' ').replaceAll("'", "'\\''")}'`;
}

/** Escapes a text, so that Markdown shows it as it is: without marks, HTML, links and mentions. */
export function markdownText(text: string): string {
  return harmlessLine(text)
    .replace(/[\\`*_~[\]<>|&#:@]/g, '\\$&')
    .replaceAll('www.', 'www\\.');
}
