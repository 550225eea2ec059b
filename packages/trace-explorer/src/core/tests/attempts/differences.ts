import { formatDuration } from '../../../lib/text/format-duration.ts';
import { counted, times } from '../../../lib/text/words.ts';
import type { Attempt, AttemptCall } from './attempt.ts';
import { isTimeLimit } from './attempt.ts';
import type { Calls, Sides } from './sides.ts';
import { byKey, endsOtherwise, keysOf, pollingIn, rootOf, without } from './sides.ts';

/** Something that all failed attempts of a test have, and no passed one. */
export interface Difference {
  readonly of: 'answer' | 'open' | 'calls' | 'order' | 'log' | 'stall' | 'time';
  /** Of a failed and a passed attempt: `GET /pay answered 503, then 200`. */
  readonly sentence: string;
  /** Of several of each: `GET /pay answered 503`, which all failed ones have. */
  readonly common: string;
  /** Of the passed ones, where there is more to say than that they lack it: `at most once`. */
  readonly others?: string;
  /** Whether it is what the failed ones lack, and all passed ones have. */
  readonly isMissing?: boolean;
  /** The span to look at: of the failed attempt, or of the passed one where the failed one lacks it. */
  readonly spanId?: string;
}

/** What is said where all differences are in what nobody traced. */
export const NO_DIFFERENCE = 'no difference in what was called: look at the test’s own code and data';

/** Attempts of each side from which on a length is a difference, whatever the test failed by. */
const AGREEING = 3;
/** A length differs from this factor on, and from this difference in nanoseconds. */
const [FACTOR, LEAST_NS] = [3, 100e6];
/** A call that takes this share of the longest one is what the longest one waited for. */
const MOST_OF_IT = 0.8;

/**
 * What differs between failed and passed attempts of one test: what all failed ones have and no passed one has, the most telling
 * first: another answer (the deepest), a call that was open when the test gave up, other calls, another order, a logged error, a
 * stall, and lengths, where they may be told. It says what differs, never why a test failed. How often the test itself repeats a
 * request until it likes the answer is not compared.
 */
export function differencesOf(failed: readonly Attempt[], passed: readonly Attempt[]): Difference[] {
  const [first] = failed;
  if (first === undefined || passed.length === 0) return [];
  const sides = { failed: failed.map(byKey), passed: passed.map(byKey) };
  const isPolled = pollingIn(sides);
  const compared = without(sides, isPolled);
  return [
    ...answers(without(sides, (key) => isPolled(key) && !endsOtherwise(sides, rootOf(key)))),
    ...open(sides, failed, isPolled),
    ...calls(compared),
    ...order(compared, failed, passed),
    ...logs(failed, passed),
    ...stalls(failed, passed),
    ...lengths(compared, failed),
  ];
}

/** The one sentence about a test that failed and then passed. @param spanId where to look, where there is such a span */
export function differenceOf(
  failed: readonly Attempt[],
  passed: readonly Attempt[],
): { readonly sentence: string; readonly spanId?: string } {
  // Attempts may fail in different ways: the first one is told then.
  const [found = differencesOf(failed.slice(0, 1), passed.slice(-1))[0]] = differencesOf(failed, passed);
  return found ?? { sentence: NO_DIFFERENCE };
}

/** Calls that both sides made, and that answered otherwise, failures first and the deepest of these first. */
function answers({ failed, passed }: Sides<Calls>): Difference[] {
  const [first = new Map() as Calls] = failed;
  const known = (calls: Calls, key: string) =>
    new Set((calls.get(key) ?? []).flatMap(({ answer }) => answer ?? []));
  const found = [...first].flatMap(([key, own]) => {
    const before = passed.map((calls) => known(calls, key));
    if (before.some((answers) => answers.size === 0)) return [];
    return own.flatMap((call) => {
      const { answer, operation } = call;
      const isOfFailed = answer !== undefined && failed.every((calls) => known(calls, key).has(answer));
      if (!isOfFailed || before.some((answers) => answers.has(answer))) return [];
      const [then = ''] = [...(before.at(-1) ?? [])];
      const said = answeredText(operation, answer);
      const sentence = `${said}, then ${thenText(then, isStatus(answer))}`;
      return [{ call, difference: { of: 'answer' as const, sentence, common: said, spanId: call.spanId } }];
    });
  });
  const isBad = ({ answer = '' }: AttemptCall) => answer !== 'ok' && !/^[123]\d\d$/.test(answer);
  return found
    .toSorted(
      ({ call: a }, { call: b }) =>
        Number(isBad(b)) - Number(isBad(a)) || b.depth - a.depth || a.from - b.from,
    )
    .map(({ difference }) => difference);
}

function isStatus(answer: string): boolean {
  return /^\d{1,3}$/.test(answer);
}

function answeredText(operation: string, answer: string): string {
  if (answer === 'ok') return `${operation} succeeded`;
  return isStatus(answer) ? `${operation} answered ${answer}` : `${operation} failed with ${answer}`;
}

function thenText(answer: string, afterStatus: boolean): string {
  if (answer === 'ok') return 'succeeded';
  if (!isStatus(answer)) return `failed with ${answer}`;
  return afterStatus ? answer : `answered ${answer}`;
}

/**
 * Calls without an answer when the test gave up by its time limit, the deepest first. Of requests that the test repeats, only one
 * that waited clearly longer than the others: at any moment one may be under way.
 */
function open(
  { failed, passed }: Sides<Calls>,
  attempts: readonly Attempt[],
  isPolled: (key: string) => boolean,
) {
  if (!attempts.every(isTimeLimit)) return [];
  const longest = (key: string) =>
    Math.max(
      0,
      ...[...failed, ...passed].flatMap(
        (calls) => calls.get(key)?.flatMap(({ isOpen, from, until }) => (isOpen ? [] : until - from)) ?? [],
      ),
    );
  const openIn = (calls: Calls, key: string, end: number) => {
    const call = calls.get(key)?.find(({ isOpen }) => isOpen);
    if (call === undefined || !isPolled(key)) return call;
    return end - call.from >= Math.max(LEAST_NS, FACTOR * longest(key)) ? call : undefined;
  };
  return keysOf(failed.slice(0, 1))
    .flatMap((key): AttemptCall | [] => {
      if (!failed.every((calls, at) => openIn(calls, key, attempts[at]?.end ?? 0) !== undefined)) return [];
      if (passed.some((calls) => calls.get(key)?.some(({ isOpen }) => isOpen))) return [];
      return failed[0]?.get(key)?.find(({ isOpen }) => isOpen) ?? [];
    })
    .toSorted((a, b) => b.depth - a.depth || a.from - b.from)
    .map(({ operation, key, spanId }): Difference => {
      const then = passed.at(-1)?.get(key)?.at(-1)?.answer;
      const common = `${operation} had no answer when the test gave up`;
      const sentence = `${common}, then ${then === undefined ? 'was not called' : thenText(then, false)}`;
      return { of: 'open', sentence, common, spanId };
    });
}

/** Calls that one side makes more often, or alone: the outermost first, and of these the first one. */
function calls({ failed, passed }: Sides<Calls>): Difference[] {
  const all = [...failed, ...passed];
  const countIn = (calls: Calls, key: string) => calls.get(key)?.length ?? 0;
  const found = keysOf(all).flatMap((key) => {
    const [of, then] = [failed.map((each) => countIn(each, key)), passed.map((each) => countIn(each, key))];
    const isMore = Math.min(...of) > Math.max(...then);
    const isLess = Math.max(...of) < Math.min(...then);
    const [call] = (isMore ? failed[0] : passed.at(-1))?.get(key) ?? [];
    // What nobody waits for may also come after the end of what is compared.
    if (call === undefined || call.isLate || !(isMore || (isLess && !isLeftOut(call, failed, passed))))
      return [];
    const [is = 0, was = 0] = [of[0], then.at(-1)];
    const { operation, spanId } = call;
    const sentence = `${operation}: ${counted(is, 'call')}, then ${was}`;
    const difference: Difference = { of: 'calls', sentence, ...oftenText(operation, of, then), spanId };
    return [{ call, difference }];
  });
  return found
    .toSorted(({ call: a }, { call: b }) => a.depth - b.depth || a.from - b.from)
    .map(({ difference }) => difference);
}

/** What several attempts have in common. @param failed how often each called @param passed likewise */
function oftenText(
  operation: string,
  failed: readonly number[],
  passed: readonly number[],
): Pick<Difference, 'common' | 'others' | 'isMissing'> {
  const [least, most] = [Math.min(...failed), Math.max(...failed)];
  const common = `${operation} was called`;
  if (most === 0) return { common, isMissing: true };
  if (Math.max(...passed) === 0) return { common };
  return most < Math.min(...passed)
    ? { common: `${common} at most ${often(most)}`, others: `at least ${often(Math.min(...passed))}` }
    : { common: `${common} at least ${often(least)}`, others: `at most ${often(Math.max(...passed))}` };
}

function often(count: number): string {
  return count === 1 ? 'once' : times(count);
}

/**
 * Whether failed attempts lack a call only because they failed: a test stops where it fails, and a request that answers otherwise, or
 * not at all, does not come to all of its calls.
 */
function isLeftOut(
  { key, above, from }: AttemptCall,
  failed: readonly Calls[],
  passed: readonly Calls[],
): boolean {
  const [last = new Map() as Calls] = passed.slice(-1);
  if (above === '') {
    const later = [...last.values()].flatMap(([call]) =>
      call !== undefined && call.above === '' && call.key !== key && call.from > from ? call.key : [],
    );
    return !failed.some((calls) => later.some((each) => calls.has(each)));
  }
  const answersOf = (calls: Calls) => new Set(calls.get(above)?.map(({ answer }) => answer));
  const known = answersOf(last);
  return !failed.every((calls) => {
    const own = answersOf(calls);
    return own.size > 0 && [...own].every((answer) => answer !== undefined && known.has(answer));
  });
}

/** Calls of one place that follow each other the other way round, and did not run side by side. */
function order({ failed, passed }: Sides<Calls>, attempts: readonly Attempt[], others: readonly Attempt[]) {
  const [first, last] = [attempts[0], others.at(-1)];
  const [ours, theirs] = [failed[0], passed.at(-1)];
  if (first === undefined || last === undefined || ours === undefined || theirs === undefined) return [];
  const inOrder = ({ calls }: Attempt, compared: Calls) =>
    Map.groupBy(
      calls.filter(({ key, isLate }) => !isLate && compared.has(key)),
      ({ above }) => above,
    );
  const [before, after] = [inOrder(first, ours), inOrder(last, theirs)];
  return [...before].flatMap(([above, own]): Difference[] => {
    const other = after.get(above) ?? [];
    const at = own.findIndex(({ key }, place) => key !== other[place]?.key);
    const [one, two] = [own[at], other[at]];
    if (own.length !== other.length || one === undefined || two === undefined) return [];
    const precedes = (calls: Calls) => follows(calls, one.key, two.key);
    const succeeds = (calls: Calls) => follows(calls, two.key, one.key);
    if (!failed.every(precedes) || !passed.every(succeeds)) return [];
    const common = `${one.operation} came before ${two.operation}`;
    return [{ of: 'order', sentence: `${common}, then after it`, common, spanId: one.spanId }];
  });
}

/** Whether the first call of one key had its answer when the last one of another began. */
function follows(calls: Calls, first: string, then: string): boolean {
  const [one, two] = [calls.get(first)?.[0], calls.get(then)?.at(-1)];
  return one !== undefined && two !== undefined && one.until <= two.from;
}

/** Errors that only one side logged. */
function logs(failed: readonly Attempt[], passed: readonly Attempt[]): Difference[] {
  const only = (some: readonly Attempt[], others: readonly Attempt[]) =>
    [...(some[0]?.logged ?? [])].filter(
      ([key]) => some.every(({ logged }) => logged.has(key)) && !others.some(({ logged }) => logged.has(key)),
    );
  return [
    ...only(failed, passed).map(([, { text, spanId }]): Difference => {
      const common = `“${text}” was logged`;
      return { of: 'log', sentence: `${common}, then it was not`, common, spanId };
    }),
    ...only(passed, failed).map(([, { text, spanId }]): Difference => {
      const common = `“${text}” was logged`;
      const sentence = `“${text}” was not logged, then it was`;
      return { of: 'log', sentence, common, isMissing: true, spanId };
    }),
  ];
}

/** A stall over the moment in which the test failed. */
function stalls(failed: readonly Attempt[], passed: readonly Attempt[]): Difference[] {
  if (failed.some(({ stalled }) => stalled === 0) || passed.some(({ stalled }) => stalled > 0)) return [];
  const [{ stalled, spanId } = { stalled: 0, spanId: '' }] = failed;
  const common = 'the process stood still when the test failed';
  const length = formatDuration(stalled / 1e6);
  const sentence = `the process stood still for ${length} when the test failed, then it did not`;
  return [{ of: 'stall', sentence, common, spanId }];
}

/** Calls that took longer, where a length may be told. A first attempt compiles, connects and looks names up. */
function lengths({ failed, passed }: Sides<Calls>, attempts: readonly Attempt[]): Difference[] {
  const isSure = failed.length >= AGREEING && passed.length >= AGREEING;
  if (!isSure && !attempts.every(isTimeLimit)) return [];
  const longest = (all: readonly Calls[], key: string) =>
    all.map((calls) => Math.max(...(calls.get(key) ?? []).map(({ from, until }) => until - from)));
  const found = keysOf(failed.slice(0, 1)).flatMap((key) => {
    const call = failed[0]?.get(key)?.[0];
    if (call === undefined || ![...failed, ...passed].every((calls) => calls.has(key))) return [];
    const [least, most] = [Math.min(...longest(failed, key)), Math.max(...longest(passed, key))];
    if (least < FACTOR * most || least - most < LEAST_NS) return [];
    return [{ call, least, most }];
  });
  const most = Math.max(...found.map(({ least }) => least));
  return found
    .filter(({ least }) => least >= MOST_OF_IT * most)
    .toSorted((a, b) => b.call.depth - a.call.depth || b.least - a.least)
    .map(({ call: { operation, spanId }, least, most }) => {
      const [is, was] = [least, most].map((ns) => formatDuration(ns / 1e6));
      const common = `${operation} took ${is} or longer`;
      const sentence = `${operation} took ${is}, then ${was}`;
      return { of: 'time', sentence, common, others: `at most ${was}`, spanId };
    });
}
