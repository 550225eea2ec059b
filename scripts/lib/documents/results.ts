import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.ts';

/** The text in `column` of a result's first row with `name` in another column. @throws Error when there is none */
export function cell(result: string, name: string, column: string): string {
  const text = readFileSync(join(ROOT, 'benchmarks', 'results', `${result}.json`), 'utf8');
  const { tables }: { tables: Readonly<Record<string, string | number>>[][] } = JSON.parse(text);
  const row = tables.flat().find((cells) => column in cells && Object.values(cells).includes(name));
  if (row === undefined) throw new Error(`benchmarks/results/${result}.json has no ${column} of ${name}.`);
  return String(row[column]);
}
