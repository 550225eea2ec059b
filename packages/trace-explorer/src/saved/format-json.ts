/** Characters of a line that a list of plain values may fill. */
const LINE = 110;

/** A value as JSON that people compare and commit: two spaces, lists of plain values on one line where they fit. */
export function formatJson(value: unknown): string {
  return `${written(value, '')}\n`;
}

function written(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const plain = `[${value.map((each) => JSON.stringify(each)).join(', ')}]`;
    const isPlain = value.every((each) => typeof each !== 'object' || each === null);
    if (isPlain && inner.length + plain.length <= LINE) return plain;
    return `[\n${value.map((each) => inner + written(each, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([key, each]) => `${inner}${JSON.stringify(key)}: ${written(each, inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
