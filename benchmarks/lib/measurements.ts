import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';

/** What a command measured, as one section of docs/measurements.md. */
export interface Measurements {
  /** Heading of the section, which the same command finds again by it. */
  readonly title: string;
  /** As a reader would type it: `node tandem bench overhead`. */
  readonly command: string;
  /** One table after another; the columns are the keys of the first row. */
  readonly tables: readonly (readonly Row[])[];
  /** What was done, with what, in a sentence or two each. */
  readonly notes?: readonly string[];
  /** Versions that matter beside Node's, by name. */
  readonly versions?: Readonly<Record<string, string>>;
}

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'measurements.md');

const PREAMBLE = `# Measurements

Every section is written by the command that it names, and says on which machine. Run the command to replace it.
`;

/** Replaces the section of that title in docs/measurements.md, or adds it; other sections stay as they are. */
export function recordMeasurements(measurements: Measurements, file = FILE): void {
  const sections = readSections(file);
  sections.set(measurements.title, render(measurements));
  const ordered = [...sections].sort(([a], [b]) => a.localeCompare(b, 'en'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, [PREAMBLE, ...ordered.map(([, text]) => text)].join('\n'));
}

export type Row = Readonly<Record<string, string | number>>;

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

/** The machine and the runtime, in one sentence. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim().replace(/\s+/g, ' ') ?? 'unknown processor';
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `Node ${process.version}, ${type()} ${release()} ${process.arch}, ${availableParallelism()} cores (${model}), ${gibibytes} GiB.`;
}

function readSections(file: string): Map<string, string> {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const [, ...sections] = text.split(/^## /m);
  return new Map(
    sections.map((section) => [section.slice(0, section.indexOf('\n')), `## ${section.trimEnd()}\n`]),
  );
}

function render({ title, command, tables, notes = [], versions = {} }: Measurements): string {
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const parts = [
    `## ${title}`,
    `\`${command}\`, ${new Date().toISOString().slice(0, 10)}. ${describeMachine()}`,
    ...tables.map(table),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
    ...(versionList.length === 0 ? [] : [`Versions: ${versionList.join(', ')}.`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const isNumber = (column: string) => rows.every((row) => /^[-–\d]/.test(String(row[column] ?? '')));
  return [
    line(columns),
    line(columns.map((column) => (isNumber(column) ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ].join('\n');
}
