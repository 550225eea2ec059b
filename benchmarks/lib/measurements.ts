import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from '../../tools/machine.ts';

/** The result of a command: a file of benchmarks/results. benchmarks/claims.json has the claims. */
export interface Measurements {
  /** Name of the file, without `.json`. */
  readonly name: string;
  readonly title: string;
  /** As a reader would type it: `node tandem bench overhead`. */
  readonly command: string;
  /** Rows of each table; the columns are the keys of the first row. */
  readonly tables: readonly (readonly Row[])[];
  /** How the figures were taken, in one or two sentences each. */
  readonly notes?: readonly string[];
  /** Versions that matter beside Node's, by name. */
  readonly versions?: Readonly<Record<string, string>>;
}

export type Row = Readonly<Record<string, string | number>>;

const RESULTS = join(import.meta.dirname, '..', 'results');

/** Writes the result, with the date and the machine, in the place of the last one of its name. */
export function recordMeasurements(measurements: Measurements): void {
  const { name, title, command, ...measured } = measurements;
  const date = new Date().toISOString().slice(0, 10);
  const result = { title, command, date, machine: describeMachine(), ...measured };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** Figures by name as the rows of a table. */
export function figureRows(figures: Readonly<Record<string, string | number>>): Row[] {
  return Object.entries(figures).map(([figure, value]) => ({ figure, value: rounded(value) }));
}

/** Rows that have their names as keys, with the name as the first column. */
export function namedRows(rows: Readonly<Record<string, Row>>, column: string): Row[] {
  return Object.entries(rows).map(([name, row]) => ({ [column]: name, ...row }));
}

function rounded(value: string | number): string | number {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
