import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from '../../../benchmarks/lib/measurements.ts';
import { median } from '../../../benchmarks/lib/statistics.ts';
import { ROOT } from '../root.ts';
import type { Outcome, Phase } from './experiment.ts';
import type { Fault } from './fault.ts';
import type { SeenSpan } from './ledger.ts';
import type { MixedOutcome } from './mixed.ts';
import { LEAST_MINUTES_FOR_MEMORY, MOST_GROWTH } from './mixed.ts';
import type { Verdict } from './verdict.ts';
import { mebibytes, shortly } from './verdict.ts';

export const REPORT = join(ROOT, 'docs', 'reliability.md');

const VERDICTS = [
  'fault',
  'what is done',
  'callers get meanwhile',
  'the trace shows',
  'spans lost',
  'back after it',
  'memory',
  'again with',
] as const;
const FIGURES = [
  'fault',
  'answers before',
  'meanwhile',
  'after',
  'p50/p99 ms before',
  'meanwhile',
  'after',
  'spans with an error meanwhile, and `app.degraded_reason`',
  'spans expected',
  'received',
  'in the last 500 ms',
  'twice',
  'answers back, s',
  'spans back, s',
  'MiB before',
  'most',
  'after',
] as const;

const MIXED_VERDICTS = ['run', 'callers got', 'spans lost', 'memory', 'again with'] as const;
const MIXED_FIGURES = [
  'run',
  'faults',
  'answers',
  'documented ones without success while no fault was there',
  'p50/p99 ms',
  'spans expected',
  'received',
  'in the last 500 ms before a kill',
  'twice',
  'MiB in the first third',
  'in the last',
] as const;
/** The name of the row of mixed faults. */
export const MIXED = 'mixed';

const PREAMBLE = `# Reliability

What callers, traces and operators get when something goes wrong. Each row was written by the command in it, which causes the fault under load on this machine, looks, and puts everything back: \`node tandem chaos\` runs all of them, \`node tandem chaos FAULT\` one, \`node tandem chaos --list\` names them. 
The words are what is promised; it stands with the fault in \`scripts/lib/chaos/faults\`. A run writes them when it has seen them come true, and otherwise "NOT AS PROMISED" with what it saw instead, and ends with exit code 1. It does so, too, when a row gets other words than it had. So the words are the same from run to run, and a second run that ends with 0 has shown it; the figures below them are of the last run and differ. A machine that leaves requests without success before a fault begins, or has a p99 over 500 ms there, is too busy to tell: a promise that is not kept then is tried again, three times in all.

- **Callers** send 20 requests per second (three pages, one new activity, in turn), each in a trace of its own. Each answer that is named was seen, and others, less often than not, are those that the API documents for every request; what a fault of a moment brings or does not, as the machine is fast or slow, stands behind "at times".
- **Cut off**: what takes longer after SIGTERM than the 6 s that open requests are given, and a connection that comes in the moment in which the port is closed. A balancer that takes the process out first leaves nothing to cut off: \`deploy/compose/rolling-restart.sh\` and Kubernetes' preStop do ([deploy.md](deploy.md)).
- **p99**: \`trace-backend-latency\` has 15 slices of 1.5 s with a fault in turn with 15 without. Noise is what the slices without differ by: the median p99 of the slices with a fault is not above the highest p99 of those without. If a fault did nothing, that would fail by chance in one run of 900.
- **The trace**: each error that is named was seen (SERVER spans of activities-api, calls of user-lookup, transactions), with its \`error.type\`, and each reason for a page without names; no other name of a span is an Error more often than not. Read from the spans that arrived, of requests that were under way while the fault lasted.
- **Open spans**: a process that ends by itself (an error that nobody caught, \`process.exit()\`, a signal that it is told of) ends the spans that are open then, children before their parents: the SERVER span of the very request in which it happened, and what that was doing, as well as those of all other requests under way. Each is an Error with \`tandem.process_ended\` = \`true\`, and with \`error.type\` \`process_ended\` unless it says something else already. An uncaught error is recorded when it is thrown, as an exception on the span that was active then and on those around it, never on another request's. They are sent if there is time for that, and else by the next process (\`packages/telemetry/test/sdk/open-spans.system.test.ts\`). Not saved is what SIGKILL takes, a crash of V8 or of native code, and memory that has run out.
- **Lost**: spans that answers prove (a whole page is seven) against the spans that arrived.
- **What is refused until somebody mends it**: 401, 403, 404, 405, 407 and redirects say nothing of the spans, but that a key or an address is wrong. A request that was refused is not sent again, as OTLP demands ("All other 4xx or 5xx response status codes MUST NOT be retried"): spans of the process itself that were in it are lost, and counted. What is on disk, from an earlier process or an outage, is kept there and not offered to the same endpoint again before that has taken something; the next process offers it to what its settings name then. It is kept within the spool's 64 MiB and, while it is refused, for a week. A line in the log says what to mend and how many spans wait (\`packages/telemetry/test/delivery/misconfigured.system.test.ts\`). Where others are taken and the same spans are refused a second time, they are what is refused: they are lost, and counted.
- **Back after it**: from when the fault is over. Requests succeed, and spans of requests from before have arrived.
- **Memory**: resident, both services together, at most.
`;

/** The rows of one fault, or why it has none. */
export interface Rows {
  readonly verdict: readonly string[];
  readonly figures: readonly string[] | undefined;
}

export function rowsOf(fault: Fault, verdict: Verdict, outcome: Outcome): Rows {
  return {
    verdict: [
      `\`${fault.name}\``,
      fault.what,
      verdict.callers,
      verdict.trace,
      verdict.lost,
      verdict.recovery,
      verdict.memory,
      commandOf(fault),
    ],
    figures: [
      `\`${fault.name}\``,
      ...[outcome.before, outcome.during, outcome.after].map(describeAnswers),
      describeTimes(outcome.before),
      `${describeTimes(outcome.during)}${describeSlices(outcome)}`,
      describeTimes(outcome.after),
      describeErrors(outcome) || '–',
      String(outcome.expected),
      String(outcome.expected - outcome.missing),
      String(outcome.excused),
      String(outcome.twice),
      ...[outcome.recoveredMs, outcome.deliveredMs].map((ms) => (ms / 1000).toFixed(1)),
      ...[outcome.memoryBefore, outcome.memoryPeak, outcome.memoryAfter].map((bytes) =>
        String(mebibytes(bytes)),
      ),
    ],
  };
}

export function skippedRows(fault: Fault, why: string): Rows {
  return {
    verdict: [`\`${fault.name}\``, fault.what, `skipped: ${why}`, '', '', '', '', commandOf(fault)],
    figures: undefined,
  };
}

export function mixedRows(
  outcome: MixedOutcome,
  run: { readonly minutes: number; readonly seed: number },
): Rows {
  const { answers, unexplained, outside, missing, excused } = outcome;
  const growth = outcome.lastThird / outcome.firstThird - 1;
  return {
    verdict: [
      `\`${MIXED}\``,
      unexplained.length === 0
        ? 'success, what the API documents, or what the fault of the moment explains'
        : 'UNEXPLAINED ANSWERS',
      missing > excused ? 'SPANS' : 'nothing but the last 500 ms before a kill',
      run.minutes < LEAST_MINUTES_FOR_MEMORY
        ? `not judged below ${LEAST_MINUTES_FOR_MEMORY} minutes`
        : growth > MOST_GROWTH
          ? 'GROWS'
          : 'flat: the last third is within 5 % of the first',
      `\`node tandem chaos --minutes ${run.minutes} --seed ${run.seed}\``,
    ],
    figures: [
      `\`${MIXED}\``,
      String(outcome.faults.length),
      describeCounts(answers),
      String(outside),
      `${outcome.p50.toFixed(1)} / ${outcome.p99.toFixed(1)}`,
      String(outcome.expected),
      String(outcome.expected - missing),
      String(excused),
      String(outcome.twice),
      String(mebibytes(outcome.firstThird)),
      String(mebibytes(outcome.lastThird)),
    ],
  };
}

/** The rows of a run of mixed faults as lines for people, without its name and command. */
export function describeMixed({ verdict, figures = [] }: Rows): string[] {
  const line = (columns: readonly string[], cells: readonly string[]) =>
    columns.map((column, at) => `${column}: ${cells[at]}`).slice(1);
  return [...line(MIXED_VERDICTS, verdict).slice(0, -1), ...line(MIXED_FIGURES, figures)];
}

/**
 * Writes rows into docs/reliability.md; those of other faults stay as they are, and faults that no part has any more go.
 * @param parts the sections with their faults, in order
 * @returns the words of rows that had others before, of the same command
 */
export function writeReport(
  parts: readonly { readonly title: string; readonly faults: readonly Fault[] }[],
  rows: ReadonlyMap<string, Rows>,
  file = REPORT,
): string[] {
  const old = readRows(file);
  const sections = parts.flatMap(({ title, faults }) => {
    const found = faults.flatMap(({ name }) => rows.get(name) ?? old.get(name) ?? []);
    if (found.length === 0) return [];
    return [
      `## ${title}`,
      table(
        VERDICTS,
        found.map(({ verdict }) => verdict),
      ),
      table(
        FIGURES,
        found.flatMap(({ figures }) => (figures === undefined ? [] : [figures])),
      ),
    ];
  });
  const mixed = rows.get(MIXED) ?? old.get(MIXED);
  if (mixed?.figures !== undefined)
    sections.push(
      '## Mixed load',
      'A fault every 20 s, chosen from those that need nothing but the two services, in an order that depends on the seed alone.',
      table(MIXED_VERDICTS, [mixed.verdict]),
      table(MIXED_FIGURES, [mixed.figures]),
    );
  const machine = `Figures: ${new Date().toISOString().slice(0, 10)}, ${describeMachine()}`;
  writeFileSync(file, `${[PREAMBLE.trimEnd(), machine, ...sections].join('\n\n')}\n`);
  return [...rows].flatMap(([name, { verdict, figures }]) => {
    const before = old.get(name);
    const isSame = before?.verdict.at(-1) === verdict.at(-1);
    // What is skipped on this machine may be seen on another.
    if (!isSame || figures === undefined || before?.figures === undefined) return [];
    return before.verdict
      .filter((words, column) => words !== verdict[column])
      .map((words) => `it has other words than before, where it had: ${words}`);
  });
}

function readRows(file: string): Map<string, Rows> {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const rows = new Map<string, Rows>();
  for (const line of text.split('\n')) {
    const name = /^\| `([\w-]+)` \|/.exec(line)?.[1];
    if (name === undefined) continue;
    const cells = line.slice(2, -2).split(' | ');
    const known = rows.get(name);
    rows.set(
      name,
      known === undefined ? { verdict: cells, figures: undefined } : { ...known, figures: cells },
    );
  }
  return rows;
}

function commandOf({ name }: Fault): string {
  return `\`node tandem chaos ${name}\``;
}

function describeAnswers({ reads, writes }: Phase): string {
  const total = new Map<string, number>();
  for (const [answer, times] of [...reads, ...writes]) total.set(answer, (total.get(answer) ?? 0) + times);
  return describeCounts(total);
}

function describeTimes({ p50, p99 }: Phase): string {
  return Number.isNaN(p50) ? '–' : `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}

function describeSlices({ slices }: Outcome): string {
  const p99 = (isFaulty: boolean) =>
    slices.filter((slice) => slice.isFaulty === isFaulty).map((slice) => slice.p99);
  if (slices.length === 0) return '';
  return ` (p99 of slices: median ${median(p99(true)).toFixed(1)} with a fault, ${median(p99(false)).toFixed(1)} without, where it is ${Math.max(...p99(false)).toFixed(1)} at most)`;
}

/** How many spans of which name failed with what, and how many pages had no names for which reason. */
function describeErrors({ spans }: Outcome): string {
  const failed = countBy(spans, ({ name, kind, service, error }) =>
    error === undefined || service !== 'activities-api' || kind === 'INTERNAL'
      ? undefined
      : `${shortly(name)} ${error}`,
  );
  const reasons = countBy(spans, ({ degradedBy }) => degradedBy);
  return [failed, reasons].filter((each) => each !== '').join('; ');
}

function countBy(spans: readonly SeenSpan[], key: (span: SeenSpan) => string | undefined): string {
  const counts = new Map<string, number>();
  for (const span of spans) {
    const name = key(span);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return describeCounts(counts);
}

function describeCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([answer, times]) => `${times} × ${answer}`)
    .join(', ');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
