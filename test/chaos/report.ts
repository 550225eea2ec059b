import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCounts } from '../../scripts/lib/counts.ts';
import { table } from '../../scripts/lib/documents/table.ts';
import { describeMachine } from '../../tools/machine.ts';
import { ROOT } from '../../tools/root.ts';
import type { Outcome } from './experiment.ts';
import type { Fault } from './fault.ts';
import { FAULTS } from './faults/index.ts';

/** The table for people; the file with the same name and .json has the figures. */
export const REPORT = join(ROOT, 'docs', 'reliability.md');

/** The last result of each fault, by name. */
export type Results = Record<string, Result>;

export interface Result {
  readonly date: string;
  readonly machine: string;
  /** Broken promises. */
  readonly broken: readonly string[];
  readonly figures: Readonly<Record<string, string | number>>;
}

export function resultOf(outcome: Outcome, broken: readonly string[]): Result {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    broken,
    figures: {
      'answers meanwhile': describeCounts(new Map([...outcome.reads, ...outcome.writes])),
      'answers before and after': describeCounts(outcome.others),
      'p50 ms': rounded(outcome.p50),
      'p99 ms': rounded(outcome.p99),
      'the trace shows': describeCounts(outcome.shown),
      'spans expected': outcome.expected,
      'spans received': outcome.expected - outcome.missing,
      'not received, of the last 500 ms before a kill': outcome.excused,
      'received twice': outcome.twice,
      'answers back, s': rounded(outcome.recoveredMs / 1000),
      'spans back, s': rounded(outcome.deliveredMs / 1000),
    },
  };
}

/** Adds results to the earlier ones, and writes the table and the figures. */
export function writeReport(added: Results, file = REPORT): void {
  const json = file.replace(/\.md$/, '.json');
  const known: Results = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : {};
  const results = { ...known, ...added };
  writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(file, reportOf(results));
}

/** docs/reliability.md with every fault, its promise, and what broke it, between the marks of its table. */
export function reportOf(results: Results): string {
  const rows = Object.entries(FAULTS).flatMap(([title, faults]) => [
    [`**${title}**`],
    ...faults.map((fault) => rowOf(fault, results[fault.name])),
  ]);
  return readFileSync(REPORT, 'utf8').replace(BETWEEN_MARKS, () => table(HEADS, rows));
}

const BETWEEN_MARKS = /(?<=<!-- tables -->\n)[\s\S]*(?=\n<!-- end of tables -->)/;
const HEADS = ['Fault', 'Callers get', 'The trace shows', 'Lost', 'Back within'];

function rowOf({ name, what, promised }: Fault, result: Result | undefined): string[] {
  const { reads, writes, atTimes = [], shows = [], loses, answersWithin, spansWithin } = promised;
  const broken = result?.broken ?? [];
  return [
    `\`${name}\`: ${what}${broken.length === 0 ? '' : `. NOT AS PROMISED: ${broken.join('; ')}`}`,
    `reads: ${reads.join(', ')}; writes: ${writes.join(', ')}${atTimes.length === 0 ? '' : `; at times: ${atTimes.join(', ')}`}`,
    shows.map((each) => `\`${each}\``).join(', ') || 'nothing unusual',
    loses,
    answersWithin === spansWithin ? `${spansWithin} s` : `${answersWithin} s, spans ${spansWithin} s`,
  ];
}

function rounded(value: number): number {
  return Number.isNaN(value) ? 0 : Number(value.toFixed(1));
}
