import type { Outcome } from './experiment.ts';
import type { Fault } from './fault.ts';
import type { AnswerClass } from './load.ts';
import { isDocumented, UNTRACED } from './load.ts';

/** Share of answers that may differ from the promise: a fault's begin and end bring some. */
const MOST_SHARE_OF_OTHERS = 0.5;

/** The broken promises, one sentence each. */
export function judge({ promised }: Fault, outcome: Outcome): string[] {
  const { reads, writes, atTimes = [], shows = [], loses, answersWithin, spansWithin } = promised;
  const explained = new Set([...reads, ...writes, ...atTimes]);
  const lost = outcome.missing - outcome.excused;
  return [
    ...[outcome.reads, outcome.writes, outcome.others].flatMap((answers) =>
      [...answers]
        .filter(([answer]) => !isDocumented(answer) && !explained.has(answer))
        .map(([answer, times]) => `${times} callers got: ${answer}`),
    ),
    ...wrongAnswers('reads', reads, atTimes, outcome.reads),
    ...wrongAnswers('writes', writes, atTimes, outcome.writes),
    ...shows.filter((each) => !outcome.shown.has(each)).map((each) => `no span shows: ${each}`),
    ...hiddenErrors(outcome),
    ...(loses === 'refused spans' ? refused(lost, outcome.counted) : lostOrOrphans(lost, outcome)),
    ...(outcome.recoveredMs <= answersWithin * 1000
      ? []
      : [`requests failed ${(outcome.recoveredMs / 1000).toFixed(1)} s after its end`]),
    ...(outcome.deliveredMs <= spansWithin * 1000
      ? []
      : [`spans came ${(outcome.deliveredMs / 1000).toFixed(1)} s after its end`]),
  ];
}

function wrongAnswers(
  kind: string,
  promised: readonly AnswerClass[],
  atTimes: readonly AnswerClass[],
  seen: ReadonlyMap<AnswerClass, number>,
): string[] {
  const others = [...seen].filter(([answer]) => !promised.includes(answer) && !atTimes.includes(answer));
  const missing = promised.filter((answer) => !seen.has(answer));
  return [
    ...missing.map((answer) => `no ${kind} got: ${answer}`),
    ...(sum(others) > MOST_SHARE_OF_OTHERS * sum([...seen])
      ? [`most ${kind} got something else than: ${promised.join(', ')}`]
      : []),
  ];
}

/** Every traced 5xx answer is an Error of its SERVER span. */
function hiddenErrors({ reads, writes, shown }: Outcome): string[] {
  const isTraced = (answer: AnswerClass) => answer.startsWith('5') && answer !== UNTRACED;
  const refused = sum([...reads, ...writes].filter(([answer]) => isTraced(answer)));
  const errors = sum([...shown].filter(([name]) => /^(?:GET|POST) \/api\/activities/.test(name)));
  return errors >= refused ? [] : [`${refused} answers of 5xx are ${errors} Errors`];
}

function sum(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((total, [, times]) => total + times, 0);
}

function lostOrOrphans(lost: number, { expected, orphans }: Outcome): string[] {
  return [
    ...(lost > 0 ? [`${lost} of ${expected} spans are lost`] : []),
    ...(orphans > 0 ? [`${orphans} spans have no parent`] : []),
  ];
}

function refused(lost: number, counted: number): string[] {
  if (lost === 0) return ['the backend refused no span'];
  return lost > counted ? [`${lost} spans are lost, of which /metrics counts ${counted}`] : [];
}
