import { median } from '../../../benchmarks/lib/statistics.ts';
import type { AnswerClass } from './answers.ts';
import { isDocumented, isSuccess } from './answers.ts';
import type { Outcome, Phase } from './experiment.ts';
import type { Fault } from './fault.ts';
import type { SeenSpan } from './ledger.ts';

/** An answer that fewer got is one of the moment at which the fault began or ended, or of a machine that is busy. */
const LEAST_SHARE = 0.2;
/** So are errors and reasons that fewer spans have. */
const LEAST_SPANS = 2;
/** An error is the usual one of a span's name from this share of its spans on, and its type from that share of them. */
const MOST_SPANS_SHARE = 0.3;
const ALMOST_ALL = 0.8;
/** Of these, few or many are under way when a fault begins: whether a third of them fails is chance. */
const NOT_JUDGED = /^(?:user-lookup |activities-api (?:SELECT|INSERT) )|INTERNAL$/;
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
    ...(fault.loses === 'what is refused' && lost > outcome.counted
      ? [`${lost} spans are lost, of which /metrics counts ${outcome.counted}`]
      : []),
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
    callers: `${describeCallers(fault, outcome, isExplained)}${isUnmoved ? '; p99 within noise' : ''}`,
    trace: [
      fault.atTimes === undefined ? describeTrace(outcome) : describeRefusals(outcome),
      fault.loses === 'what is refused' && lost > 0
        ? 'spans of that time are missing'
        : outcome.orphans === 0
          ? 'no orphans'
          : 'ORPHANS',
    ].join('; '),
    lost: describeLoss(fault, lost, outcome.counted),
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
  { during, before }: Outcome,
  isExplained: (answer: AnswerClass) => boolean,
): string {
  const classes = (kind: 'reads' | 'writes') => {
    const steady = [...during[kind]].filter(([answer]) => !atTimes.includes(answer));
    const total = steady.reduce((sum, [, times]) => sum + times, 0);
    return steady
      .filter(([answer, times]) => {
        // What came before the fault, too, is not of its making.
        const usual = isSuccess(answer) ? 0 : shareOf(before, kind, answer);
        return times - usual * total >= total * LEAST_SHARE || !isExplained(answer);
      })
      .map(([answer]) => answer)
      .toSorted()
      .join(', ');
  };
  const some = atTimes.length === 0 ? '' : `; at times: ${atTimes.join(', ')}`;
  return `reads: ${classes('reads') || '–'}; writes: ${classes('writes') || '–'}${some}`;
}

function shareOf(phase: Phase, kind: 'reads' | 'writes', answer: AnswerClass): number {
  const total = [...phase[kind].values()].reduce((sum, times) => sum + times, 0);
  return total === 0 ? 0 : (phase[kind].get(answer) ?? 0) / total;
}

function describeTrace({ spans, spansBefore }: Outcome): string {
  if (spans.length === 0) return 'nothing of that time';
  const judged = spans.filter(({ name }) => !NOT_JUDGED.test(name));
  const errors = [...Map.groupBy(judged, ({ name }) => name)].flatMap(([name, all]) => {
    const failed = all.filter(hasFailed);
    const usual = usualShare(
      spansBefore.filter((span) => span.name === name),
      hasFailed,
    );
    if (failed.length - usual * all.length < Math.max(LEAST_SPANS, all.length * MOST_SPANS_SHARE)) return [];
    const [[type = '', same = []] = []] = [...Map.groupBy(failed, ({ error }) => error)].toSorted(
      ([, one], [, other]) => other.length - one.length,
    );
    const words = [
      ...(all[0]?.kind === 'CLIENT' && same.length >= failed.length * ALMOST_ALL ? [`\`${type}\``] : []),
      ...(failed.some(({ exceptions }) => exceptions.length > 0) ? ['with its exception'] : []),
    ];
    return `${shortly(name)} is Error${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
  });
  const found = [...errors.toSorted(), ...degradedReasons(spans, spansBefore)];
  return found.length === 0 ? 'as always' : found.join('; ');
}

function degradedReasons(spans: readonly SeenSpan[], before: readonly SeenSpan[]): string[] {
  const degraded = spans.filter(isDegraded);
  const pages = spans.filter(isPage).length;
  const pagesBefore = before.filter(isPage).length;
  const usual = pagesBefore === 0 ? 0 : before.filter(isDegraded).length / pagesBefore;
  if (degraded.length - usual * pages < Math.max(LEAST_SPANS, pages * LEAST_SHARE)) return [];
  const reasons = [...Map.groupBy(degraded, ({ degradedBy }) => degradedBy)]
    .filter(([, same]) => same.length >= LEAST_SPANS)
    .map(([reason]) => reason);
  return [`\`app.degraded_reason\`: ${reasons.toSorted().join(', ')}`];
}

function usualShare(before: readonly SeenSpan[], is: (span: SeenSpan) => boolean): number {
  return before.length === 0 ? 0 : before.filter(is).length / before.length;
}

function hasFailed({ error }: SeenSpan): boolean {
  return error !== undefined;
}

function isDegraded({ degradedBy }: SeenSpan): boolean {
  return degradedBy !== undefined;
}

function isPage({ name }: SeenSpan): boolean {
  return /^activities-api GET .* SERVER$/.test(name);
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

function describeLoss({ loses }: Fault, lost: number, counted: number): string {
  if (lost === 0) return loses === 'last 500 ms' ? 'at most the last 500 ms before the kill' : 'nothing';
  return loses === 'what is refused' && lost <= counted ? 'what is refused, all of it on /metrics' : 'SPANS';
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
