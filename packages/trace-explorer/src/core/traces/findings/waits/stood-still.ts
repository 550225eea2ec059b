import { listed, quoted } from '../../../../lib/text/words.ts';
import { pathShape, shapedName } from '../../model/shapes.ts';
import type { Stall } from '../../model/stalls.ts';
import { BEGUN_NS, lengthOfAll, standstillsOf, suspendedFor, waitedShare } from '../../model/stalls.ts';
import type { TraceFacts } from '../facts.ts';
import type { Culprit, DraftFinding, FindingRule } from '../finding.ts';
import { say } from '../sentence.ts';
import {
  answerWords,
  isWorthSaying,
  lineOfFunction,
  nameOf,
  serviceWords,
  subjectOf,
  time,
  WITH_A_PROFILE,
  whichOf,
} from '../words.ts';

/** A kind of stall with a smaller share of the time explains nothing; with at least the larger share it explains all. */
const LEAST_OF_KINDS = 0.1;
const ALL_OF_KINDS = 0.9;
/** A request that was so much of the stalls is to blame for them. */
const LEAST_OF_CULPRIT = 0.8;

/** How each kind of stall goes on in a sentence, and what to do. Only the first three blame the process. */
const KINDS = new Map([
  ['ran', ['its own code ran', 'Split the work, or do it in a thread.']],
  ['blocked', ['a call blocked it', 'Use a call that does not block, such as spawn instead of execSync.']],
  ['gc', ['it collected garbage', 'A heap profile shows what it keeps. With more memory it is rarer.']],
  ['waited_for_processor', ['it waited for a processor', 'Run fewer programs, or give it more processors.']],
  ['stopped', ['a signal had stopped it', 'A debugger, a shell or SIGSTOP stopped it until SIGCONT came.']],
  ['suspended', ['its machine was suspended', 'The machine slept or was moved. The process is fine.']],
]);
const BLAMES = /^(?:ran|blocked|gc)$/;
const STARVED = 'waited_for_processor';

/** A process that stood still while a request waited for it, or before it could begin the request. */
export const stoodStill: FindingRule = {
  name: 'stood-still',
  category: 'time',
  isPartial: true,
  isElsewhere: true,
  cause: (place) => `The process stands still during ${place}`,
  find(facts) {
    const { model, entry } = facts;
    const groups = Map.groupBy(standstillsOf(model), (stall) => requestOf(facts, stall));
    const waits = lengthOfAll(standstillsOf(model), waitedShare);
    const requests = Array.from(entry.keys()).filter((index) => entry[index] === index);
    const answered = largeAnswers(facts);
    return [
      ...[...groups].flatMap(([index, own]) => findingOf(facts, index, own, waits, answered)),
      ...requests.flatMap((index) => suspensionOf(facts, index)),
    ];
  },
};

/** The request of a stall: its entry where that is of the same process, else the span itself. */
function requestOf({ model, entry }: TraceFacts, { at }: Stall): number {
  const request = entry[at] ?? at;
  return model.service(request) === model.service(at) ? request : at;
}

/**
 * @param index a request of the process, or a span of it
 * @param stalls of the process in this request
 * @param waits nanoseconds in which processes waited for a processor
 * @param answered as of `largeAnswers`
 */
function findingOf(
  facts: TraceFacts,
  index: number,
  stalls: readonly Stall[],
  waits: number,
  answered: ReturnType<typeof largeAnswers>,
): DraftFinding[] {
  const { model, callee, took } = facts;
  const begin = model.offset[index] ?? 0;
  const end = begin + (model.length[index] ?? 0);
  // Work that goes on after the answer keeps nobody waiting.
  const own = stalls
    .map((stall) => ({
      ...stall,
      from: stall.at === index ? stall.from : Math.max(begin, stall.from),
      until: Math.min(end, stall.until),
    }))
    .filter(({ from, until }) => until > from);
  const before = lengthOfAll(own.filter(({ from }) => from < begin));
  const [stood, whole] = [lengthOfAll(own), end - begin + before];
  if (!isWorthSaying(stood, whole)) return [];
  // Without a call, nobody knows since when the request had waited.
  const most = before > 0 && (model.parent[index] ?? -1) < 0 ? 'up to ' : '';
  const name = `${nameOf(model, index)}${whichOf(facts, index)}`;
  const untold = before < stood * LEAST_OF_KINDS ? before : 0;
  const partly = before === untold ? '' : `, ${most}${time(before)} of it before it could begin`;
  const when =
    before >= stood * ALL_OF_KINDS
      ? `before it could begin ${name}`
      : `of the ${time(whole - untold)} of ${name}${partly}`;
  const calls = [...Map.groupBy(own, (stall) => stall.during)].filter(([call]) => call >= 0);
  // Of a call without the span that answered it, nobody knows how long the answer lay there.
  const isAnswered = (call: number) => (callee[call] ?? -1) >= 0;
  const [call = -1] =
    calls.find(([call, parts]) => isAnswered(call) && lengthOfAll(parts) >= stood / 2) ?? [];
  const itself = call < 0 ? '' : `; ${nameOf(model, call)} itself took ${time(took[call] ?? 0)}`;
  const { why, ...reason } = explain(own, waits, before > 0);
  const read = reason.isOutside ? '' : answerRead(facts, answered.get(index) ?? [], own);
  const sentence = say`${subjectOf(model, index)} stood still for ${before === untold ? '' : most}${time(stood - untold)} ${when}${why}${itself}${read}`;
  return [{ sentence, ...reason, indexes: [index, ...calls.map(([call]) => call)] }];
}

/** The calls with large answers, by the request that they are in, the largest first. */
function largeAnswers({ model, entry }: TraceFacts): ReadonlyMap<number, readonly number[]> {
  const large = Array.from(entry.keys()).filter(
    (index) => model.kind(index) !== 'server' && answerWords(model, index) !== '',
  );
  large.sort((a, b) => model.rows(b) - model.rows(a) || model.bytes(b) - model.bytes(a));
  return Map.groupBy(large, (index) => entry[index] ?? -1);
}

/** `; SELECT orders returned 12,000 rows`: the largest answer that came in a stall, or at its begin. */
function answerRead({ model, end }: TraceFacts, calls: readonly number[], own: readonly Stall[]): string {
  const isRead = (index: number) =>
    own.some(({ from, until }) => from - BEGUN_NS <= (end[index] ?? 0) && (end[index] ?? 0) <= until);
  const call = calls.find(isRead);
  return call === undefined ? '' : `; ${nameOf(model, call)} ${answerWords(model, call)}`;
}

function suspensionOf(facts: TraceFacts, index: number): DraftFinding[] {
  const [{ model }, suspended] = [facts, suspendedFor(facts.model, index)];
  if (!isWorthSaying(suspended, 0)) return [];
  const name = `${nameOf(model, index)}${whichOf(facts, index)}`;
  const sentence = say`The machine${serviceWords(model, index, (service) => ` of ${service}`)} was suspended for ${time(suspended)} during ${name}, whose times do not include it`;
  const advice = KINDS.get('suspended')?.[1] ?? '';
  return [{ sentence, advice, indexes: [index], cost: 0, isOutside: true }];
}

/**
 * Why a process stood still, the longest reason first, what to do about it, and what of it the process is to blame for.
 * @param hasBefore whether it may have been before the request, of other work
 */
function explain(
  own: readonly Stall[],
  waits: number,
  hasBefore: boolean,
): Pick<
  DraftFinding,
  'advice' | 'isOutside' | 'isGarbage' | 'hasRequestsLine' | 'line' | 'cost' | 'culprit'
> & { why: string } {
  const all = lengthOfAll(own);
  const isLong = (length: number) => length >= all * LEAST_OF_KINDS;
  // On a busy machine, nothing tells a call that blocks from one that waits for a processor.
  const kinds = new Set(own.flatMap((stall) => [...sharesOf(stall).keys()]));
  if (isLong(waits)) kinds.delete('blocked');
  const isMeasured = own.every(({ ran }) => ran !== undefined);
  const said = [...kinds].flatMap((kind) => {
    const sum = lengthOfAll(own, (stall) => sharesOf(stall).get(kind) ?? 0);
    const isSaid = BLAMES.test(kind) ? isWorthSaying(sum, isMeasured ? 0 : all) : isLong(sum);
    const [words, advice] = KINDS.get(kind) ?? [];
    return isSaid && (isMeasured || isLong(sum)) && words && advice ? [{ kind, sum, words, advice }] : [];
  });
  said.sort((a, b) => b.sum - a.sum);
  const [longest] = said;
  const blamed = lengthOfAll(own, (stall) => blamedShare(stall, kinds));
  if (longest === undefined)
    return {
      why: '',
      advice: 'A CPU profile shows whether its code ran.',
      cost: isMeasured || isLong(waits) ? blamed : all,
      ...(isLong(waits) && { isOutside: true }),
    };
  const parts = said.map(({ words, sum }) => `${words} for ${time(sum)}`);
  // Where the time of the thread is known, code is to blame for what it ran, also beside a longer wait.
  const most = (isMeasured && said.find(({ kind }) => BLAMES.test(kind))) || longest;
  const isAll = most === longest && longest.sum >= all * ALL_OF_KINDS;
  const reasons = isAll ? longest.words : listed(parts);
  const isOutside = !BLAMES.test(most.kind);
  // A profile knows the function, also while it has no processor; other requests beside explain no wait for one.
  const isKnown = ({ kind, where }: Stall) =>
    isOutside ? kind === 'waited_for_processor' && where.startsWith('in ') : where !== '';
  const stalls = own.filter((stall) => sharesOf(stall).has(most.kind));
  const culprit = isOutside ? undefined : culpritOf(own);
  const known = stalls.find(isKnown)?.where;
  const where =
    culprit === undefined || known?.startsWith('in ')
      ? known
      : `for ${shapedName(culprit.name, culprit.shape)}`;
  const line = isOutside || !where?.startsWith('in ') ? undefined : lineOfFunction(where);
  const isOfRequest = /^(?:ran|blocked)$/.test(most.kind) && !hasBefore && where === undefined;
  return {
    why: `: ${reasons}${where === undefined ? '' : `, ${quoted(where)}`}`,
    advice: `${most.advice}${most.kind === 'ran' && !where?.startsWith('in ') ? WITH_A_PROFILE : ''}`,
    cost: isMeasured || isOutside ? blamed : all,
    ...(line !== undefined && { line }),
    ...(culprit !== undefined && { culprit }),
    ...(isOutside && { isOutside }),
    ...(most.kind === 'gc' && { isGarbage: true as const }),
    ...(isOfRequest && { hasRequestsLine: true as const }),
  };
}

/** The other request of the process that some stalls were: the only one that is known, and nearly all of their time. */
function culpritOf(own: readonly Stall[]): Culprit | undefined {
  const known = own.filter(({ request }) => request !== '');
  const [request = '', ...others] = new Set(known.map(({ request }) => request));
  const [name = '', path = ''] = request.split('\n');
  const isOne = others.length === 0 && (path !== '' || /[^A-Z]/.test(name)); // a method alone tells none
  const isMost = lengthOfAll(known) >= lengthOfAll(own) * LEAST_OF_CULPRIT;
  return isOne && isMost ? { name, shape: pathShape(path) } : undefined;
}

/** The share of each reason for a stall. Without the time of its thread, its kind is all of it. */
function sharesOf({ from, until, gc, kind, ran, waited = 0 }: Stall): ReadonlyMap<string, number> {
  const collected = gc / (until - from);
  // The threads that collect are others: it seems to wait for a processor while it waits for them.
  if (kind === STARVED && collected > 0.5)
    return new Map([
      ['gc', Math.min(1, collected)],
      [kind, Math.max(0, 1 - collected)],
    ]);
  const own = BLAMES.test(kind) && collected > 0.5 ? 'gc' : kind;
  if (ran === undefined) return new Map([[own, 1]]);
  const parts: readonly (readonly [string, number])[] = [
    [own === 'gc' ? own : 'ran', ran],
    [STARVED, waited],
    [own, 1 - ran - waited],
  ];
  const shares = new Map<string, number>();
  for (const [reason, share] of parts) if (share > 0) shares.set(reason, (shares.get(reason) ?? 0) + share);
  return shares;
}

/** The share of a stall that its process is to blame for. @param kinds that are told apart */
function blamedShare(stall: Stall, kinds: ReadonlySet<string>): number {
  const blamed = [...sharesOf(stall)].filter(([kind]) => BLAMES.test(kind) && kinds.has(kind));
  return blamed.reduce((sum, [, share]) => sum + share, 0);
}
