import { median } from '../../../benchmarks/lib/statistics.ts';
import type { AnswerClass } from './answers.ts';
import { isDocumented } from './answers.ts';
import type { Outcome, Phase } from './experiment.ts';
import type { Fault } from './fault.ts';
import type { SeenSpan } from './ledger.ts';

/** An answer that fewer got is one of the moment at which the fault began or ended. */
const LEAST_SHARE = 0.2;
/** An error that fewer spans have is one of that moment as well. */
const LEAST_SPANS = 2;
/** Bytes that neither service needs, together. */
const MOST_MEMORY = 768 * 2 ** 20;

/** What a fault does, in words that are the same each time it is caused. */
export interface Verdict {
  readonly callers: string;
  readonly trace: string;
  readonly lost: string;
  readonly recovery: string;
  readonly memory: string;
  /** What was promised and not kept; none when all was. */
  readonly broken: readonly string[];
}

export function judge(fault: Fault, outcome: Outcome): Verdict {
  const { during, after } = outcome;
  const explained = new Set([...(fault.explains ?? []), ...(fault.atTimes ?? [])]);
  const isExplained = (answer: AnswerClass) => isDocumented(answer) || explained.has(answer);
  const odd = [during, after, outcome.before].flatMap(({ reads, writes }) =>
    [...reads, ...writes].filter(([answer]) => !isExplained(answer)),
  );
  const isBack = outcome.recoveredMs <= fault.recoversWithin * 1000;
  const isDelivered = outcome.deliveredMs <= fault.deliversWithin * 1000;
  const isUnmoved = hasUnmovedP99(outcome);
  const lost = outcome.missing - outcome.excused;
  const broken = [
    ...odd.map(([answer, times]) => `${times} callers got: ${answer}`),
    ...(isBack ? [] : [`requests failed ${seconds(outcome.recoveredMs)} after it was over`]),
    ...(isDelivered ? [] : [`spans came ${seconds(outcome.deliveredMs)} after it was over`]),
    ...(lost > 0 && fault.loses !== 'what is refused'
      ? [`${lost} of ${outcome.expected} spans are lost`]
      : []),
    ...(outcome.orphans > 0 && fault.loses !== 'what is refused'
      ? [`${outcome.orphans} spans have no parent`]
      : []),
    ...(isUnmoved === false ? [`p99 went to ${during.p99.toFixed(0)} ms`] : []),
    ...(outcome.memoryPeak > MOST_MEMORY ? [`memory went to ${mebibytes(outcome.memoryPeak)} MiB`] : []),
  ];
  return {
    callers: `${describeCallers(fault, during, isExplained)}${isUnmoved ? '; p99 within noise' : ''}`,
    trace: `${fault.atTimes === undefined ? describeTrace(outcome.spans) : describeRefusals(outcome)}; ${
      outcome.orphans === 0 || fault.loses === 'what is refused' ? 'no orphans' : 'ORPHANS'
    }`,
    lost: describeLoss(fault, lost),
    recovery: isBack && isDelivered ? describePromise(fault) : 'later than promised',
    memory:
      outcome.memoryPeak > MOST_MEMORY
        ? `over ${mebibytes(MOST_MEMORY)} MiB`
        : `under ${mebibytes(MOST_MEMORY)} MiB`,
    broken,
  };
}

/**
 * Whether the usual p99 of the slices with a fault is one that slices without have, too; undefined where nothing
 * alternates.
 */
function hasUnmovedP99({ slices }: Outcome): boolean | undefined {
  const p99 = (isFaulty: boolean) =>
    slices.filter((slice) => slice.isFaulty === isFaulty).map((slice) => slice.p99);
  return slices.length === 0 ? undefined : median(p99(true)) <= Math.max(...p99(false));
}

function describeCallers(
  { atTimes = [] }: Fault,
  { reads, writes }: Phase,
  isExplained: (answer: AnswerClass) => boolean,
): string {
  const classes = (counts: ReadonlyMap<AnswerClass, number>) => {
    const steady = [...counts].filter(([answer]) => !atTimes.includes(answer));
    const total = steady.reduce((sum, [, times]) => sum + times, 0);
    return steady
      .filter(([answer, times]) => times >= total * LEAST_SHARE || !isExplained(answer))
      .map(([answer]) => answer)
      .toSorted()
      .join(', ');
  };
  const some = atTimes.length === 0 ? '' : `; at times: ${atTimes.join(', ')}`;
  return `reads: ${classes(reads) || '–'}; writes: ${classes(writes) || '–'}${some}`;
}

function describeTrace(spans: readonly SeenSpan[]): string {
  if (spans.length === 0) return 'nothing of that time';
  const often = (words: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return [...counts].flatMap(([word, times]) => (times >= LEAST_SPANS ? word : [])).toSorted();
  };
  const errors = often(
    spans.flatMap(({ name, error, exceptions }) => {
      const thrown = exceptions.length === 0 ? '' : ', with its exception';
      return error === undefined ? [] : `${shortly(name)} is Error (${error}${thrown})`;
    }),
  );
  const reasons = often(spans.flatMap(({ degradedBy }) => degradedBy ?? []));
  const degraded = reasons.length === 0 ? [] : [`\`app.degraded_reason\`: ${reasons.join(', ')}`];
  const found = [...errors, ...degraded];
  return found.length === 0 ? 'as always' : found.join('; ');
}

/** What failed in the moment of the fault differs from run to run; that it shows does not. */
function describeRefusals({ during, spans }: Outcome): string {
  const refused = [...during.reads, ...during.writes].reduce(
    (sum, [answer, times]) => (/^5/.test(answer) ? sum + times : sum),
    0,
  );
  const errors = spans.filter(
    ({ kind, service, error }) => kind === 'SERVER' && service === 'activities-api' && error !== undefined,
  ).length;
  return errors >= refused ? 'every 5xx is an Error' : 'ERRORS ARE MISSING';
}

function shortly(name: string): string {
  return `\`${name.replace(/^activities-api /, '').replace(/ (?:SERVER|CLIENT|INTERNAL)$/, '')}\``;
}

function describeLoss({ loses }: Fault, lost: number): string {
  if (loses === 'what is refused') return lost === 0 ? 'nothing' : 'what is refused';
  if (lost > 0) return 'SPANS';
  return loses === 'nothing' ? 'nothing' : 'at most the last 500 ms before the kill';
}

function describePromise({ recoversWithin, deliversWithin }: Fault): string {
  return recoversWithin === deliversWithin
    ? `within ${recoversWithin} s`
    : `answers within ${recoversWithin} s, spans within ${deliversWithin} s`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
