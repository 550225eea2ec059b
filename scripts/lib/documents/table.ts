/** A table in Markdown. Columns of numbers are aligned to the right. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const rule = heads.map((_, column) => (/^[\d.,]+$/.test(String(rows[0]?.[column])) ? '---:' : '---'));
  return [heads, rule, ...rows].map(line).join('\n');
}

/** A name as code in Markdown. */
export function code(name: string): string {
  return `\`${name}\``;
}
