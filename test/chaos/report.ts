import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCounts } from '../../scripts/lib/counts.ts';
import { table } from '../../scripts/lib/documents/table.ts';
import { describeMachine } from '../../scripts/lib/machine.ts';
import { ROOT } from '../../scripts/lib/root.ts';
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

const PREAMBLE = `# Reliability

What happens to callers and to spans when something goes wrong:

- **user-lookup is away, hangs or answers rubbish**: pages come without names, and new activities get 503 with Retry-After.
- **The database is away**: callers get 503 with Retry-After, and succeed within ten seconds of its return.
- **The trace backend is away, slow or broken**: callers notice nothing. Spans wait on disk, and arrive within 20 s of its return. Only single spans that it refuses are lost.
- **A process is killed**: the spans of its last 500 ms are lost, and no others.
- **A process is stopped (SIGTERM)**: it answers the requests that it has for up to six seconds, and sends its spans.
- **A process stands still**: its callers wait, or get 503 or 504. No span is lost.
- **The disk is full or read-only**: pages still come, writes get 503, and spans wait in memory.
- **The explorer that forwards is killed, or its destination is away**: nothing is lost that it had acknowledged.

Each row of the table is a promise about one fault of \`test/chaos/faults\`. \`node tandem chaos FAULT\` causes the fault under load, checks the promise, puts everything back, and writes its figures into [reliability.json](reliability.json). Without a name it runs all faults. If the last run broke a promise, its row says NOT AS PROMISED, and the command ends with exit code 1. Run it on a machine that does nothing else.

- **Callers** send 20 requests per second: three pages, then one new activity. The run saw every answer in the table. *At times* marks answers that a short fault may or may not bring. *Cut off* means that a connection ends without an answer, because the request took more than 6 s after SIGTERM or arrived in the millisecond in which the port closed. Up to 1,024 connections that wait at SIGTERM are still taken and answered (\`packages/service-kit/test/run-service.system.test.ts\`). If a balancer takes the process out first, there are none ([deploy](deploy.md)). Connections beyond half of the process's file descriptors are closed at once. A process that runs out of descriptors keeps running, and answers again when it has some (\`test/few-descriptors.system.test.ts\`).
- **The trace shows** these errors, by span and \`error.type\`, and the reason why a page has no names (\`app.degraded_reason\`). Every 5xx answer is an Error, and no span lacks its parent. When a process ends, its open spans end with \`error.type\` \`process_ended\` (\`packages/telemetry/test/road/spans/open-spans.system.test.ts\`).
- **Lost** spans are those that must have existed, because an answer proves it, and never arrived; a whole page has seven. When a backend answers 401, 403, 404, 405, 407, 415, a redirect or a web page, spans wait as in an outage, until the settings are right (\`packages/telemetry/test/export/misconfigured.system.test.ts\`).
- **Back within** gives the seconds from the end of the fault until all requests succeed, and until all spans have arrived.
`;

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

/** docs/reliability.md: every fault with its promise, and with what broke it. */
export function reportOf(results: Results): string {
  const rows = Object.entries(FAULTS).flatMap(([title, faults]) => [
    [`**${title}**`],
    ...faults.map((fault) => rowOf(fault, results[fault.name])),
  ]);
  return `${PREAMBLE}\n${table(HEADS, rows)}\n`;
}

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
