import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from '../../../benchmarks/lib/measurements.ts';
import { ROOT } from '../root.ts';
import type { Outcome } from './experiment.ts';
import type { Fault } from './fault.ts';
import { FAULTS } from './faults/index.ts';

/** The table for people; the figures are beside it, in a file of the same name that ends in .json. */
export const REPORT = join(ROOT, 'docs', 'reliability.md');

/** What was seen the last time, by the name of the fault. */
export type Results = Record<string, Result>;

export interface Result {
  readonly date: string;
  readonly machine: string;
  /** What was promised and not kept. */
  readonly broken: readonly string[];
  readonly figures: Readonly<Record<string, string | number>>;
}

const PREAMBLE = `# Reliability

What callers get when something goes wrong, what the trace shows, and what of it is lost. Each row is the promise of a fault in \`scripts/lib/chaos/faults\`. \`node tandem chaos FAULT\` causes it under load on this machine, looks whether the promise holds, puts everything back, and writes what it saw into [reliability.json](reliability.json); \`node tandem chaos\` runs all of them. A promise that was not kept the last time says so in its row, and the command ends with exit code 1; a machine that is busy with other work breaks promises too, so run it again alone.

- **Callers** send 20 requests per second (three pages, one new activity, in turn), each in a trace of its own. Each answer that is named was seen; others are the exception, and documented for every request. **At times**: answers that a fault of a moment brings or does not. **Cut off**: a request that takes longer after SIGTERM than the 6 s that open requests are given, or a connection of the moment in which the port is closed; a balancer that takes the process out first leaves none ([deploy.md](deploy.md)).
- **The trace shows** each Error that is named, with its \`error.type\`, and why pages have no names; no span is without its parent. A process that ends by itself ends the spans that are open then, with \`error.type\` \`process_ended\` (\`packages/telemetry/test/sdk/open-spans.system.test.ts\`).
- **Lost** are spans that answers prove (a whole page is seven) and that did not arrive. What is refused with 401, 403, 404, 405, 407 or a redirect is not sent again, as OTLP demands, and counted; what is on disk waits there until the settings are right (\`packages/telemetry/test/export/misconfigured.system.test.ts\`).
- **Back within**: seconds after the end of the fault until all requests succeed, and until all spans have arrived.
`;

export function resultOf(outcome: Outcome, broken: readonly string[]): Result {
  return {
    ...now(),
    broken,
    figures: {
      'answers meanwhile': described(new Map([...outcome.reads, ...outcome.writes])),
      'answers before and after': described(outcome.others),
      'p50 ms': rounded(outcome.p50),
      'p99 ms': rounded(outcome.p99),
      'the trace shows': described(outcome.shown),
      'spans expected': outcome.expected,
      'spans received': outcome.expected - outcome.missing,
      'not received, of the last 500 ms before a kill': outcome.excused,
      'received twice': outcome.twice,
      'answers back, s': rounded(outcome.recoveredMs / 1000),
      'spans back, s': rounded(outcome.deliveredMs / 1000),
    },
  };
}

/** When and where. */
export function now(): Pick<Result, 'date' | 'machine'> {
  return { date: new Date().toISOString().slice(0, 10), machine: describeMachine() };
}

/** Adds results to those that there are, and writes the table and the figures. */
export function writeReport(added: Results, file = REPORT): void {
  const json = file.replace(/\.md$/, '.json');
  const known: Results = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : {};
  const results = { ...known, ...added };
  writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(file, reportOf(results));
}

/** docs/reliability.md: every fault with its promise, or with what came instead. */
export function reportOf(results: Results): string {
  const sections = Object.entries(FAULTS).map(([title, faults]) =>
    [`## ${title}\n`, ...HEAD, ...faults.map((fault) => rowOf(fault, results[fault.name]))].join('\n'),
  );
  return `${[PREAMBLE.trimEnd(), ...sections].join('\n\n')}\n`;
}

const HEAD = [
  '| fault | what is done | callers get | the trace shows | lost | back within |',
  '| --- | --- | --- | --- | --- | --- |',
];

function rowOf({ name, what, promised }: Fault, result: Result | undefined): string {
  const { reads, writes, atTimes = [], shows = [], loses, answersWithin, spansWithin } = promised;
  const broken = result?.broken ?? [];
  const hasRefusals = [...reads, ...writes, ...atTimes].some((answer) => answer.startsWith('5'));
  const cells = [
    `\`${name}\``,
    broken.length === 0 ? what : `${what}. NOT AS PROMISED: ${broken.join('; ')}`,
    `reads: ${reads.join(', ')}; writes: ${writes.join(', ')}${atTimes.length === 0 ? '' : `; at times: ${atTimes.join(', ')}`}`,
    [...shows.map((each) => `\`${each}\``), ...(hasRefusals ? ['every 5xx is an Error'] : [])].join(', ') ||
      'as always',
    loses,
    answersWithin === spansWithin ? `${spansWithin} s` : `${answersWithin} s, spans ${spansWithin} s`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** `60 × 200, 20 × 201`. */
function described(counts: ReadonlyMap<string, number>): string {
  const ordered = [...counts].toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return ordered.map(([name, times]) => `${times} × ${name}`).join(', ') || 'none';
}

function rounded(value: number): number {
  return Number.isNaN(value) ? 0 : Number(value.toFixed(1));
}
