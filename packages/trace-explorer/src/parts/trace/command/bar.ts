/** Blocks of one to seven eighths of a column. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * Draws the time of a part within a whole, as blocks after spaces. A part that is too short to be seen, or outside of
 * the whole, has a mark at its begin.
 */
export function bar(offset: number, duration: number, whole: number, width: number): string {
  const scale = whole > 0 ? width / whole : 0;
  const from = Math.min(width - 1, Math.max(0, Math.floor(offset * scale)));
  const cells = Math.max(0, (Math.min(whole, offset + duration) - Math.max(0, offset)) * scale);
  const full = Math.floor(cells);
  const part = EIGHTHS[Math.floor((cells - full) * 8)] ?? '';
  return ' '.repeat(from) + ('█'.repeat(full) + part || '▏');
}
