import { median } from '../../../benchmarks/lib/statistics.ts';
import type { AnswerClass } from './answers.ts';
import { isDocumented, isSuccess } from './answers.ts';
import type { Outcome, Phase } from './experiment.ts';
import type { Fault, PromisedError } from './fault.ts';
import { answersExplainedBy } from './fault.ts';
import type { SeenSpan } from './ledger.ts';

/**
 * What is not promised may be there as long as it is the exception: a machine that is busy, and the moments in which a
 * fault begins and ends, bring some of it. Counted is what is more than before the fault.
 */
const MOST_SHARE_OF_OTHERS = 0.5;
/** So many spans of a name say something about it. */
const LEAST_SPANS = 5;
/** Before a fault, a machine with time for it answers all requests, and within this. */
const BUSY_P99_MS = 500;
/** Of these, few or many are under way when a fault begins: whether most of them fail is chance. */
const NOT_JUDGED = /^(?:user-lookup |activities-api (?:SELECT|INSERT) )|INTERNAL$/;
/** Bytes that neither service needs, together. */
const MOST_MEMORY = 768 * 2 ** 20;

/**
 * What a fault does, in the words of its promise where the run has seen that come true. Figures are in the report beside
 * them: words that followed from figures would differ with the machine.
 */
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
  const { recoveredMs, deliveredMs, memoryPeak } = outcome;
  const isBack = recoveredMs <= fault.recoversWithin * 1000;
  const isDelivered = deliveredMs <= fault.deliversWithin * 1000;
  const callers = [...wrongAnswers(fault, outcome), ...movedP99(outcome)];
  const trace = [...wrongErrors(fault, outcome), ...wrongReasons(fault, outcome), ...orphans(fault, outcome)];
  const lost = lostSpans(fault, outcome);
  const recovery = [
    ...(isBack ? [] : [`requests failed ${seconds(recoveredMs)} after it was over`]),
    ...(isDelivered ? [] : [`spans came ${seconds(deliveredMs)} after it was over`]),
  ];
  const memory =
    memoryPeak > MOST_MEMORY
      ? [`memory of both services went to ${mebibytes(memoryPeak)} MiB, over ${mebibytes(MOST_MEMORY)} MiB`]
      : [];
  const words = (promise: string, broken: readonly string[]) =>
    broken.length === 0 ? promise : `NOT AS PROMISED: ${broken.join('; ')}`;
  return {
    callers: words(describeCallers(fault), callers),
    trace: words(describeTrace(fault), trace),
    lost: words(describeLoss(fault), lost),
    recovery: words(describeRecovery(fault), recovery),
    memory: words(`under ${mebibytes(MOST_MEMORY)} MiB`, memory),
    broken: [...callers, ...trace, ...lost, ...recovery, ...memory],
  };
}

/** Whether the machine had no time for the two services already before the fault: what follows says little about it. */
export function wasBusy({ before }: Outcome): boolean {
  const failed = [...before.reads, ...before.writes].some(([answer]) => !isSuccess(answer));
  return failed || !(before.p99 < BUSY_P99_MS);
}

function wrongAnswers(fault: Fault, { before, during, after }: Outcome): string[] {
  const explained = answersExplainedBy(fault);
  const odd = [before, during, after].flatMap(({ reads, writes }) =>
    [...reads, ...writes].filter(([answer]) => !isDocumented(answer) && !explained.has(answer)),
  );
  return [
    ...odd.map(([answer, times]) => `${times} callers got: ${answer}`),
    ...(['reads', 'writes'] as const).flatMap((kind) => {
      const promised = fault.promised[kind];
      const missing = promised.filter((answer) => !during[kind].has(answer));
      if (missing.length > 0) return [`no ${kind} got: ${missing.join(', ')}`];
      const known = [...promised, ...(fault.atTimes ?? [])];
      const others = shareOfOthers(during, kind, known) - shareOfOthers(before, kind, known);
      return others > MOST_SHARE_OF_OTHERS
        ? [`most ${kind} got something else than: ${promised.join(', ')}`]
        : [];
    }),
  ];
}

function shareOfOthers(phase: Phase, kind: 'reads' | 'writes', known: readonly AnswerClass[]): number {
  const all = [...phase[kind]];
  const total = sumOf(all);
  return total === 0 ? 0 : sumOf(all.filter(([answer]) => !known.includes(answer))) / total;
}

function sumOf(counts: readonly (readonly [AnswerClass, number])[]): number {
  return counts.reduce((sum, [, times]) => sum + times, 0);
}

/**
 * Whether requests took longer in slices with a fault than in those without: the median p99 of the first is compared with
 * the highest of the others, so noise is what the same machine does in the same minute without a fault. With 15 of each,
 * a fault that does nothing is above it in one run of 900.
 */
function movedP99({ slices }: Outcome): string[] {
  if (slices.length === 0) return [];
  const [faulty, others] = [true, false].map((isFaulty) =>
    slices.filter((slice) => slice.isFaulty === isFaulty).map(({ p99 }) => p99),
  ) as [number[], number[]];
  const [usual, highest] = [median(faulty), Math.max(...others)];
  return usual <= highest
    ? []
    : [
        `p99 of a slice with a fault is ${usual.toFixed(0)} ms (median), without ${highest.toFixed(0)} ms at most`,
      ];
}

function wrongErrors(fault: Fault, { during, spans, spansBefore }: Outcome): string[] {
  // What fails in the one moment that such a fault takes differs from run to run; that it shows does not.
  if (fault.atTimes !== undefined) return hiddenRefusals({ during, spans });
  const { errors = [] } = fault.promised;
  const missing = errors.filter(
    ({ span, type, hasException }) =>
      !spans.some(
        ({ name, error, exceptions }) =>
          name === span &&
          error !== undefined &&
          (type === undefined || error === type) &&
          exceptions.length > 0 === hasException,
      ),
  );
  const others = [...Map.groupBy(spans, ({ name }) => name)].filter(([name, all]) => {
    if (NOT_JUDGED.test(name) || errors.some(({ span }) => span === name)) return false;
    const failed = all.filter(hasFailed);
    const usual = shareOf(
      spansBefore.filter((span) => span.name === name),
      hasFailed,
    );
    return failed.length >= LEAST_SPANS && shareOf(all, hasFailed) - usual > MOST_SHARE_OF_OTHERS;
  });
  return [
    ...missing.map((error) => `no span: ${describeError(error)}`),
    ...others.map(([name]) => `most spans of ${shortly(name)} are Errors`),
  ];
}

function hiddenRefusals({ during, spans }: Pick<Outcome, 'during' | 'spans'>): string[] {
  const refused = sumOf([...during.reads, ...during.writes].filter(([answer]) => /^5/.test(answer)));
  const errors = spans.filter(
    ({ kind, service, error }) => kind === 'SERVER' && service === 'activities-api' && error !== undefined,
  ).length;
  return errors >= refused ? [] : [`${refused} answers of 5xx are ${errors} Errors`];
}

function wrongReasons({ promised }: Fault, { spans, spansBefore }: Outcome): string[] {
  const { reasons = [] } = promised;
  const missing = reasons.filter((reason) => !spans.some(({ degradedBy }) => degradedBy === reason));
  const isOther = ({ degradedBy }: SeenSpan) => degradedBy !== undefined && !reasons.includes(degradedBy);
  const others = shareOf(spans.filter(isPage), isOther) - shareOf(spansBefore.filter(isPage), isOther);
  return [
    ...missing.map((reason) => `no page has the reason ${reason}`),
    ...(others > MOST_SHARE_OF_OTHERS ? ['most pages had no names for another reason'] : []),
  ];
}

function shareOf(spans: readonly SeenSpan[], is: (span: SeenSpan) => boolean): number {
  return spans.length === 0 ? 0 : spans.filter(is).length / spans.length;
}

function orphans({ loses }: Fault, { orphans: count }: Outcome): string[] {
  return count > 0 && loses !== 'what is refused' ? [`${count} spans have no parent`] : [];
}

function lostSpans({ loses }: Fault, { missing, excused, expected, counted }: Outcome): string[] {
  const lost = missing - excused;
  if (loses !== 'what is refused') return lost > 0 ? [`${lost} of ${expected} spans are lost`] : [];
  if (lost === 0) return ['no span is refused'];
  return lost > counted ? [`${lost} spans are lost, of which /metrics counts ${counted}`] : [];
}

function describeCallers({ promised, atTimes = [], alternates }: Fault): string {
  return [
    `reads: ${promised.reads.join(', ')}`,
    `writes: ${promised.writes.join(', ')}`,
    ...(atTimes.length === 0 ? [] : [`at times: ${atTimes.join(', ')}`]),
    ...(alternates === undefined ? [] : ['p99 as in the slices without a fault, within their noise']),
  ].join('; ');
}

function describeTrace({ promised, atTimes, loses }: Fault): string {
  const { errors = [], reasons = [] } = promised;
  const seen = [
    ...errors.map(describeError).toSorted(),
    ...(reasons.length === 0 ? [] : [`\`app.degraded_reason\`: ${[...new Set(reasons)].join(', ')}`]),
  ];
  return [
    atTimes !== undefined ? 'every 5xx is an Error' : seen.length === 0 ? 'as always' : seen.join('; '),
    loses === 'what is refused' ? 'spans of that time are missing' : 'no orphans',
  ].join('; ');
}

function describeError({ span, type, hasException }: PromisedError): string {
  const words = [
    ...(type === undefined ? [] : [`\`${type}\``]),
    ...(hasException ? ['with its exception'] : []),
  ];
  return `${shortly(span)} is Error${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
}

function describeLoss({ loses }: Fault): string {
  if (loses === 'last 500 ms') return 'at most the last 500 ms before the kill';
  return loses === 'nothing' ? 'nothing' : 'what is refused, all of it on /metrics';
}

function hasFailed({ error }: SeenSpan): boolean {
  return error !== undefined;
}

function isPage({ name }: SeenSpan): boolean {
  return /^activities-api GET .* SERVER$/.test(name);
}

/** The name of a span without its service and kind, as Markdown. */
export function shortly(name: string): string {
  return `\`${name.replace(/^activities-api /, '').replace(/ (?:SERVER|CLIENT|INTERNAL)$/, '')}\``;
}

function describeRecovery({ recoversWithin, deliversWithin }: Fault): string {
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
