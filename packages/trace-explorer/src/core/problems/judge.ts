import type { Times } from '../../lib/time/times.ts';
import type { Finding } from '../traces/findings/finding.ts';
import { MIN_SLOW_CALL_NS } from '../traces/findings/slow-call.ts';
import { isWorthSaying } from '../traces/findings/words.ts';
import type { CodePlace } from '../traces/model/code-place.ts';
import { placeIn } from '../traces/model/code-place.ts';
import { lengthOfAll } from '../traces/model/stalls.ts';
import type { TraceModel } from '../traces/model/trace-model.ts';
import type { Accepted, AcceptedEntry } from './file/accepted.ts';
import type { Occurrence } from './occurrences.ts';
import { categoryOf, isFactAlone, isRule } from './problem-key.ts';
import { acceptedText } from './said.ts';
import type { AcceptedBy, Cause, Sighting } from './schemas.ts';
import type { Requests } from './unit-spans.ts';
import { LEAST_STALL_NS, medianOf } from './unit-spans.ts';
import { worstOf } from './worse.ts';

// The words by which a list leaves a problem out, marks it, or puts it last: one for each, whoever tells the list.

/** A problem of which a project's file can say something. */
interface Judgeable extends Partial<CodePlace> {
  readonly sentence: string;
  readonly route?: string | undefined;
  readonly advice?: string | undefined;
  readonly trace_id?: string | undefined;
  readonly sightings?: readonly Sighting[] | undefined;
  readonly accepted?: AcceptedBy | undefined;
  readonly expired?: AcceptedBy | undefined;
}

/** weak: below the limits of its rule, or of the machine. Such a finding alone makes no problem. */
export function isWeak(finding: Finding | undefined): boolean {
  return finding?.isSmall === true || finding?.isOutside === true;
}

/** small: no trace has it in full. An occurrence below the limits of its rule counts where another one has the problem in full. */
export function isSmall(occurrences: readonly Pick<Occurrence, 'finding'>[]): boolean {
  return occurrences.every(({ finding }) => finding?.isSmall === true);
}

/** What is known of the traces of a list beside its problems. */
export interface Around {
  readonly requests: Requests;
  readonly firsts: FirstRequests;
}

/**
 * counted: what of a problem counts, over all that was seen of it, in each list. Nothing where it is small, the machine's, or of first
 * requests alone.
 */
export function countedOf(occurrences: readonly Occurrence[], around: Around): readonly Occurrence[] {
  const rule = occurrences[0]?.key.rule ?? '';
  if (categoryOf(rule) !== 'time') return isSmall(occurrences) ? [] : occurrences;
  const usual = occurrences.filter((each) => !isFirst(each, around.firsts));
  if (isInEach(usual, around)) return usual;
  if (isSmall(usual)) return [];
  if (rule === 'stood-still') return ofProcess(usual);
  return rule === 'slow-call' && isUsuallyShort(usual, around) ? [] : usual;
}

/** Fewer collections of garbage are those of any process. */
const LEAST_COLLECTIONS = 3;

/**
 * outside: a process that stood still did so by its own code if that ran for long in most of these times, and once for long enough to
 * say; then each one with as much counts, also beside a wait for a processor. Else what counts is garbage that it collected again and
 * again. All else is the machine's.
 */
function ofProcess(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  const own = ({ finding, cost }: Occurrence) => (finding?.isGarbage ? 0 : cost);
  const ran = occurrences.filter((each) => own(each) >= LEAST_STALL_NS);
  const isSaid = ran.some(({ finding }) => !finding?.isOutside);
  if (isSaid && medianOf(occurrences.map(own)) >= LEAST_STALL_NS) return ran;
  const collected = occurrences.filter(({ finding }) => finding?.isGarbage);
  return collected.length >= LEAST_COLLECTIONS ? collected : [];
}

/** Beside requests that waited for a processor, a call is the machine's whose like take less than half of what is slow. */
function isUsuallyShort(occurrences: readonly Occurrence[], { requests }: Around): boolean {
  return occurrences.every(({ alike, isBesideOthers }) => {
    const usual = alike === undefined || isBesideOthers ? undefined : requests.usual(alike);
    return usual !== undefined && usual < MIN_SLOW_CALL_NS / 2;
  });
}

/** So many requests, such a share of their routes', and of each of them, are the same read in each. */
const LEAST_EACH = 20;
const MOST_OF_EACH = 0.8;

/** each: a read that is no slow one is most of nearly each request: its answer could be kept. */
export function isInEach(occurrences: readonly Occurrence[], { requests }: Around): boolean {
  const [first] = occurrences;
  const isOfRequests = occurrences.every(({ unit }) => unit.isRequest);
  if (first?.read === undefined || !isOfRequests || !isSmall(occurrences)) return false;
  const same = occurrences.filter(
    ({ read }) => read?.call === first.read?.call && (read?.share ?? 0) >= MOST_OF_EACH,
  );
  const all = requests.ofRoutes(occurrences.map(({ unit }) => unit));
  return same.length >= Math.max(LEAST_EACH, MOST_OF_EACH * all);
}

/** With so many of its route's requests, what succeeds at the second try is no exception. */
const MOST_TRIED_AGAIN = 0.05;

/** fact: it happened, and may be as it should: no time of a known part, an answer that was meant so, or few second tries. */
export function isFact(occurrences: readonly Occurrence[], around?: Around): boolean {
  const worst = worstOf(occurrences);
  if (isFactAlone(worst)) return true;
  if (around === undefined || !worst.finding?.isSecondTry) return false;
  const units = Map.groupBy(occurrences, ({ trace, unit }) => requestKey(trace.id, unit.spanId));
  const areTries = [...units.values()].every((own) => own.some(({ finding }) => finding?.isSecondTry));
  return (
    areTries && units.size < MOST_TRIED_AGAIN * around.requests.ofRoutes(occurrences.map(({ unit }) => unit))
  );
}

/** The first requests of all routes: the ids of their traces and spans, and when they ran, by service. */
export interface FirstRequests {
  readonly spans: ReadonlySet<string>;
  readonly times: ReadonlyMap<string, Times>;
}

/** Where nobody knows which requests were first. */
export const NO_FIRSTS: FirstRequests = { spans: new Set(), times: new Map() };

/** The name of a request's span in `FirstRequests`. */
export function requestKey(traceId: string, spanId: string): string {
  return `${traceId} ${spanId}`;
}

/**
 * first: whether a request was the first of its route, which compiles and connects; or stood still while the first one of another
 * route ran, as that keeps all requests of its process waiting.
 */
function isFirst({ trace, unit, stalls }: Occurrence, { spans, times }: FirstRequests): boolean {
  if (spans.has(requestKey(trace.id, unit.spanId))) return true;
  const rest = stalls.filter((stall) => times.get(stall.service)?.meets(stall) !== true);
  return rest.length < stalls.length && !isWorthSaying(lengthOfAll(rest), 0);
}

/** How many requests and messages waited for a processor, so that what they say of time is of the machine. */
export function delayedIn(occurrences: readonly Occurrence[]): number {
  const delayed = occurrences.filter(
    ({ isStarved, unit }) => isStarved && /^(?:request|message)$/.test(unit.unit),
  );
  return new Set(delayed.map(({ trace, unit }) => requestKey(trace.id, unit.spanId))).size;
}

/** undecided: only attempts show it after which their test ran again. That test is told, and no problem. */
export function isUndecided(tests: readonly { readonly isSuperseded: boolean }[]): boolean {
  return tests.every(({ isSuperseded }) => isSuperseded);
}

/** A problem when somebody hid it. */
export interface HiddenSince {
  readonly share: number;
  readonly versions: readonly string[];
}

/** A hidden problem comes back when its share has grown by this factor. */
const GROWN = 2;

/** hidden: somebody pressed the button, and it has neither twice the share of then, nor its service a new version. */
export function isHidden(problem: Cause, { share, versions }: HiddenSince): boolean {
  return shareOf(problem) < GROWN * share && problem.versions.every((version) => versions.includes(version));
}

/** The share of the traces that have a problem. */
export function shareOf({ traces, of, of_estimated = of }: Pick<Cause, 'traces' | 'of' | 'of_estimated'>) {
  return of === 0 ? 0 : traces / of_estimated;
}

/** So many traces of the time before would have had a problem, by its share of now. With fewer, it may be missed by chance. */
const LEAST_EXPECTED = 5;

/** new, in a range: the time before would have shown it with its share of now, and has not. @param traces of the time before */
export function isNewInRange(problem: Cause, wasSeen: boolean, traces: number): boolean {
  return !wasSeen && traces * Math.min(1, shareOf(problem)) >= LEAST_EXPECTED;
}

/** A problem is new where a sample in which it is as frequent would lack it with a smaller chance. */
const CHANCE = 0.01;

/** new, in a sample: chance alone would not leave it out of so many traces. @param share of the traces that have it now */
export function isNewInSample(share: number, traces: number): boolean {
  return (1 - share) ** traces < CHANCE;
}

/** With fewer requests of its route, a problem may be missing by chance. */
const LEAST_REQUESTS = 3;

/** gone: each request of the run before had it, and both asked for the route often enough. */
export function isGoneFrom({ seen, before, now }: Readonly<Record<'seen' | 'before' | 'now', number>>) {
  return before >= LEAST_REQUESTS && now >= LEAST_REQUESTS && seen === before;
}

/**
 * Whether a problem, or an entry, can fail a gate: of errors and calls. How long something takes differs with the machine, and what is
 * logged may be as it should; of an entry of a rule of another version nothing is known.
 */
export function isGated({ rule }: { readonly rule: string }): boolean {
  return isRule(rule) && ['errors', 'calls'].includes(categoryOf(rule));
}

/**
 * accepted, or expired: a problem with what a project has accepted of it. Where it has accepted a part, the kind of sighting that it has
 * not accepted speaks: with its own sentence, route, place and trace.
 * @param place of the run's folder in its repository; undefined where nobody knows
 */
export function judged<T extends Judgeable>(problem: T, accepted: Accepted, place: string | undefined): T {
  const { known, unknown, isPart, expired } = accepted.judge(problem.sightings ?? [], place);
  if (known !== undefined) return { ...problem, accepted: acceptedBy(known, accepted) };
  const told = isPart && unknown !== undefined ? spokenFor(problem, unknown) : problem;
  if (expired === undefined) return told;
  const sentence = `${told.sentence}; ${acceptedText(expired)}`;
  return { ...told, sentence, expired: acceptedBy(expired, accepted) };
}

function spokenFor<T extends Judgeable>(problem: T, kind: Sighting): T {
  const { file: _f, line: _l, column: _c, function: _n, advice: _a, ...rest } = problem;
  const { sentence, route, trace_id } = kind;
  return { ...rest, sentence, route, ...placeIn(kind), trace_id } as T;
}

/**
 * accepted, of a range: the sightings in full that nobody has accepted.
 * @param isAccepted of one of them; default: as the explorer says of the problem
 */
export function openSightings(
  { sightings = [], accepted }: Pick<Cause, 'sightings' | 'accepted'>,
  isAccepted: (sighting: Sighting) => boolean = () => accepted !== undefined,
): readonly Sighting[] {
  return sightings.filter((sighting) => !sighting.weak && !isAccepted(sighting));
}

/** Who has accepted a problem, for an answer. */
export function acceptedBy(
  { by, why, since, until }: AcceptedEntry,
  { name }: Pick<Accepted, 'name'>,
): AcceptedBy {
  return { by, why, since, ...(until !== undefined && { until }), file: name };
}

/** Whether a trace is a call, and what is below it, without a beginning of its own. */
export function isCallAlone(model: TraceModel): boolean {
  if (model.kind(0) !== 'client' || model.isDatabase(0) || model.error[0] === 1) return false;
  if (model.missingParent(0) !== undefined) return false;
  return model.parent.every((above, index) => index === 0 || above >= 0);
}

/** withLost: of calls alone, those of one operation have lost their other halves if most have: a timer may call during a request. */
export function withLost(alone: readonly TraceModel[]): readonly TraceModel[] {
  const operationOf = (model: TraceModel) =>
    JSON.stringify([model.service(0), model.name(0), model.target(0)?.split('/', 1)]);
  return [...Map.groupBy(alone, operationOf).values()].flatMap((own) => {
    const isLost = own.filter((model) => model.lost(0) !== undefined).length * 2 >= own.length;
    return isLost ? own : own.map((model) => ({ ...model, lost: () => undefined }));
  });
}
