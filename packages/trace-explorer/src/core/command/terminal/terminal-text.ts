const wide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\uff01-\uff60]/u;
const segmenter = new Intl.Segmenter();

/** Columns that the text takes in a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/** The text in exactly `columns` columns: padded with spaces, or cut with an ellipsis. */
export function fit(text: string, columns: number): string {
  const taken = columnsOf(text);
  if (taken <= columns) return text + ' '.repeat(columns - taken);
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const next = wide.test(segment) ? 2 : 1;
    if (used + next > columns - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…${' '.repeat(Math.max(0, columns - 1 - used))}`;
}

/** A line for each row of a table, with cells below each other. */
export function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => columnsOf(row[at] ?? ''))));
  const line = (row: readonly string[]) => row.map((cell, at) => fit(cell, widths[at] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd());
}

/** Breaks a text at spaces into lines of at most `columns` columns. A longer word stays whole, for copying. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(`${last} ${word}`) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A text in lines of at most so many columns. @param blanks before the first line, and before the others */
export function indented(
  text: string,
  [first, others]: readonly [number, number],
  columns: number | undefined,
): string[] {
  const lines = columns === undefined ? [text] : wrap(text, columns - Math.max(first, others));
  return lines.map((line, at) => ' '.repeat(at === 0 ? first : others) + line);
}
