/**
 * Text that a terminal shows and does not obey. Control characters (escape sequences begin with one) and marks that turn
 * the direction of writing become visible.
 */
export function harmless(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** Harmless text on one line: line breaks become spaces. */
export function harmlessLine(text: string): string {
  return harmless(text.replace(/\s*\r?\n\s*/g, ' '));
}

/** Harmless text whose line breaks stay. */
export function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}

/**
 * JSON that a terminal shows and does not obey: control characters and invisible marks are escaped. A parser reads the
 * same value from it.
 * @param indent spaces; with 0 the JSON is on one line
 */
export function harmlessJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escapeUnit(character.charCodeAt(at))).join(''),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/** A text as one word for a POSIX shell. Texts come from anybody; a terminal would type their control characters. */
export function shellWord(text: string): string {
  if (/^[\w./:@-]+$/.test(text)) return text;
  return `'${text.replaceAll(/\p{Cc}/gu, ' ').replaceAll("'", "'\\''")}'`;
}
