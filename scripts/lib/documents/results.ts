import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/root.ts';

interface Result {
  /** As in ISO 8601: `2026-11-28`. */
  readonly date: string;
  readonly tables: readonly (readonly Readonly<Record<string, string | number>>[])[];
}

/** The text in `column` of a result's first row with `name` in another column. @throws Error when there is none */
export function cell(result: string, name: string, column: string): string {
  const rows = read(result).tables.flat();
  const row = rows.find((cells) => column in cells && Object.values(cells).map(String).includes(name));
  if (row === undefined) throw new Error(`benchmarks/results/${result}.json has no ${column} of ${name}.`);
  return String(row[column]);
}

/** The day on which a result was measured. */
export function dateOf(result: string): string {
  return read(result).date;
}

function read(result: string): Result {
  return JSON.parse(readFileSync(join(ROOT, 'benchmarks', 'results', `${result}.json`), 'utf8'));
}
