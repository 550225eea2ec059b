import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.ts';

/**
 * A number of a result: the value in `column` of the first row with `name` in another column.
 * @throws Error when there is no such row
 */
export function figure(result: string, name: string, column: string): number {
  const text = readFileSync(join(ROOT, 'benchmarks', 'results', `${result}.json`), 'utf8');
  const { tables }: { tables: Readonly<Record<string, string | number>>[][] } = JSON.parse(text);
  const row = tables.flat().find((cells) => column in cells && Object.values(cells).includes(name));
  if (row === undefined) throw new Error(`benchmarks/results/${result}.json has no ${column} of ${name}.`);
  return Number.parseFloat(String(row[column]));
}
