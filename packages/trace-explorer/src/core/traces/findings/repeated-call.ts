import { times } from '../../../lib/text/words.ts';
import { pathShape } from '../model/shapes.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { Calls, TraceFacts } from './facts.ts';
import { coveredTime, isCall, isRequest } from './facts.ts';
import type { DraftFinding, FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { connects } from './waits/connections.ts';
import { callsAs, nameOf, reads, saysNothing, spanWords, staysOpen, time } from './words.ts';

/** Fewer calls are not a loop. */
const LEAST = 5;
/** A loop that costs less time, or a smaller share of the caller's time or the request's, is not worth a change. */
const LEAST_SAVED_NS = 500e3;
const LEAST_SHARE = 0.01;
/** Fewer calls count as a loop when one call for all would save at least this time and this share of the caller's time. */
const LEAST_OF_FEW = 3;
const LEAST_SAVED_BY_FEW_NS = 50e6;
const LEAST_SHARE_OF_FEW = 0.3;
/** Fewer spans below which equal statements stand are parts that a person knows. */
const LEAST_APART = 10;
/** Fewer steps, or a smaller share of their request, are the normal parts of its work. */
const LEAST_STEPS = 100;
const LEAST_SHARE_OF_STEPS = 0.5;
/** Of the steps' time; of less, several ran at the same time. */
const LEAST_IN_ORDER = 0.9;
/** Calls overlap when both run for more than this share of the shorter one. */
const OVERLAP = 0.05;
/** At most this share of overlapping neighbours is in a row; at least the rest of it is at the same time. */
const FEW = 0.1;
const AT_ONCE = 'at the same time';
/** Operations of generative models that take a list of inputs, by their name. */
const TAKES_MANY = /embed/i;

/** The advice, by the kind of the call. */
const ADVICE = {
  model: 'Start them together and wait for all, unless one needs the answer of another.',
  database: 'Ask for all rows in one statement, or join the tables.',
  other: 'Make one call for all of them.',
} as const;

/** Many calls of one operation by one span or request, with different arguments (N+1), and many equal steps, in a row or at the same time. */
export const repeatedCall: FindingRule = {
  name: 'repeated-call',
  category: 'calls',
  isOfCall: true,
  isOfCaller: true,
  hasSmall: true,
  cause: (place) => `${place} is called many times by one request`,
  find(facts, limits = 1) {
    // Most traces have no calls that could be a loop, and need none.
    let known: Places | undefined;
    const places = () => (known ??= placesOf(facts));
    const loops = callsByShape(facts).flatMap((each) => loopOf(facts, each, limits, places) ?? []);
    const apart = callsApart(facts, new Set(loops.flatMap(({ indexes }) => indexes)));
    return [
      ...loops,
      ...apart.flatMap((each) => loopOf(facts, each, limits) ?? []),
      ...repeatedSteps(facts, limits),
    ];
  },
};

/** Calls to addresses that differ in ids alone are of one operation: `GET users:80/users/:id`. */
function callsByShape({ model, calls }: TraceFacts): readonly Calls[] {
  const shapeOf = (name: string) => name.replace(/\/.*/s, pathShape);
  const addressKey = ({ caller, name, service, isAddress, indexes: [first = -1] }: Calls) =>
    isAddress ? JSON.stringify([caller, model.service(first), service, shapeOf(name)]) : first;
  return [...Map.groupBy(calls, addressKey).values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? [];
    return { ...first, name: shapeOf(first.name), indexes: ordered(model, [first, ...others]) };
  });
}

/** The calls of several groups, ordered by time. */
function ordered(model: TraceModel, groups: readonly Calls[]): readonly number[] {
  const start = (index: number) => model.offset[index] ?? 0;
  return groups.flatMap(({ indexes }) => indexes).sort((a, b) => start(a) - start(b) || a - b);
}

/** A group of calls that is a loop. */
interface Loop {
  readonly calls: Calls;
  /** Those of them that nothing else reports, ordered by time, and their first. */
  readonly own: readonly number[];
  readonly first: number;
  /** Whether each is below a span of its own. */
  readonly isApart: boolean;
  /** Whether the caller made other calls between them. */
  readonly isMixed: boolean;
  /** Nanoseconds that one call for all would save at most. */
  readonly saved: number;
}

/** How the calls of a loop ran, and what they ask. */
interface LoopKind {
  readonly how: string;
  /** A model answers one question a call. */
  readonly isModel: boolean;
  /** Without its text, a statement may be of another table each time. */
  readonly isUnknown: boolean;
}

/** @param places of the calls of one caller; without them each call is below a span of its own */
function loopOf(
  facts: TraceFacts,
  calls: Calls,
  limits: number,
  places?: () => Places,
): DraftFinding | undefined {
  const loop = detect(facts, calls, facts.claimedSpans, limits, places);
  if (loop === undefined) return undefined;
  const kind = classify(facts, loop);
  return kind.isModel && kind.how === AT_ONCE ? undefined : build(facts.model, loop, kind);
}

/** The loop among some calls: enough of its own, not the same one, none of an agent, and worth a change. */
function detect(
  facts: TraceFacts,
  calls: Calls,
  claimed: ReadonlySet<number>,
  limits: number,
  places: (() => Places) | undefined,
): Loop | undefined {
  const { model, entry, polls } = facts;
  const { caller, name, indexes } = calls;
  const own = indexes.filter((index) => !claimed.has(index) && model.error[index] !== 1 && !polls.has(index));
  const [first = -1] = own;
  // Calls that write to one address have different bodies. Calls that read belong to same-call-twice.
  const isSame =
    reads(name) && own.every((index) => model.call(index) > 0 && model.call(index) === model.call(first));
  // An agent needs each answer of the model before it uses its tools.
  if (arePages(model, own)) return undefined;
  const isAgents = model.isGenerative(first) && (model.children[caller] ?? 0) > own.length;
  if (own.length < Math.max(2, LEAST_OF_FEW * limits) || isSame || isAgents || saysNothing(name))
    return undefined;
  // A statement changes one table, and a statement for all rows would run before the change, or after it.
  if (changesTables(model, first, name) || connects(model, first)) return undefined;
  if (places !== undefined && shareOfSteps(places().changes, own, 0) > FEW) return undefined;
  const lengths = own.map((index) => model.length[index] ?? 0);
  const longest = lengths.reduce((a, b) => Math.max(a, b));
  const saved = coveredTime(facts, own) - longest;
  const whole = model.length[caller] ?? 0;
  const request = model.length[entry[first] ?? -1] ?? 0;
  const isApart = places === undefined;
  const [least, share] =
    own.length < Math.max(2, LEAST * limits) || isApart
      ? [LEAST_SAVED_BY_FEW_NS, LEAST_SHARE_OF_FEW]
      : [LEAST_SAVED_NS, LEAST_SHARE];
  if (saved < limits * Math.max(least, whole * share, request * LEAST_SHARE)) return undefined;
  const isMixed = !isApart && shareOfSteps(places().place, own, 1) > FEW;
  return { calls, own, first, isApart, isMixed, saved };
}

/**
 * Whether statements read one table page by page, by a key: all but the last returned equally many rows, and the last one fewer. A page
 * needs the last row of the one before, so that no statement could read all of them.
 */
function arePages(model: TraceModel, own: readonly number[]): boolean {
  const [first = -1] = own;
  const [full, last] = [model.rows(first), model.rows(own.at(-1) ?? -1)];
  if (own.length < LEAST_OF_FEW || full === 0 || last >= full || !model.isDatabase(first)) return false;
  return own.slice(0, -1).every((index) => model.rows(index) === full);
}

function classify(facts: TraceFacts, { calls: { name }, own, first, isApart, isMixed }: Loop): LoopKind {
  const { model } = facts;
  const inRow = isApart ? 'one after the other' : 'in a row';
  return {
    how: howOf(facts, own, isMixed ? 'with other calls between' : inRow),
    isModel: model.isGenerative(first) && !TAKES_MANY.test(name),
    isUnknown: model.isDatabase(first) && !reads(name) && model.statement(first) === 0,
  };
}

function build(
  model: TraceModel,
  { calls, own, first, isApart, saved }: Loop,
  { how, isModel, isUnknown }: LoopKind,
): DraftFinding {
  const condition = isUnknown ? 'if all are of one table, ' : '';
  const better = isModel ? 'side by side they' : `${condition}one call for all`;
  const apart = isApart ? ', each below a span of its own' : '';
  return {
    sentence: say`${callsAs(model, calls)} was called ${times(own.length)} ${how} by ${nameOf(model, calls.caller)}${apart}; ${better} would save up to ${time(saved)}`,
    advice: isModel ? ADVICE.model : model.isDatabase(first) ? ADVICE.database : ADVICE.other,
    indexes: own,
    cost: saved,
  };
}

/** Whether a statement changes a table and not rows, by its name. */
function changesTables(model: TraceModel, index: number, name: string): boolean {
  return model.isDatabase(index) && /^(?:CREATE|ALTER|DROP|TRUNCATE|RENAME|GRANT|REVOKE)\b/i.test(name);
}

type Places = ReturnType<typeof placesOf>;

/** By span: its number among all calls of its caller, by time, and how many calls up to there changed tables. */
function placesOf({ model, calls }: TraceFacts) {
  const [place, changes] = [new Int32Array(model.count), new Int32Array(model.count)];
  const start = ({ index }: { index: number }) => model.offset[index] ?? 0;
  for (const groups of Map.groupBy(calls, ({ caller }) => caller).values()) {
    const all = groups.flatMap(({ name, indexes }) =>
      indexes.flatMap((index) => (connects(model, index) ? [] : { index, name })),
    );
    all.sort((a, b) => start(a) - start(b) || a.index - b.index);
    let changed = 0;
    for (const [at, { index, name }] of all.entries()) {
      if (changesTables(model, index, name)) changed += 1;
      place[index] = at;
      changes[index] = changed;
    }
  }
  return { place, changes };
}

/** The share of calls, ordered by time, where a number grew by more than `most` since the call before. */
function shareOfSteps(numbers: Int32Array, own: readonly number[], most: number): number {
  const grew = (index: number, i: number) => (numbers[index] ?? 0) - (numbers[own[i] ?? 0] ?? 0) > most;
  return own.slice(1).filter(grew).length / (own.length - 1);
}

/** Whether calls, ordered by time, came one after the other: each compared with the one before it. */
function howOf({ model, end }: TraceFacts, own: readonly number[], inOrder: string): string {
  const overlapping = own.slice(1).filter((index, at) => {
    const before = own[at] ?? 0;
    const shorter = Math.min(model.length[index] ?? 0, model.length[before] ?? 0);
    const both = Math.min(end[before] ?? 0, end[index] ?? 0) - (model.offset[index] ?? 0);
    return both > shorter * OVERLAP;
  });
  const share = overlapping.length / (own.length - 1);
  if (share <= FEW) return inOrder;
  return share >= 1 - FEW ? AT_ONCE : 'partly at the same time';
}

/** Equal statements of one request, each below a span of its own: further calls of the request. */
function callsApart({ model, entry, calls }: TraceFacts, told: ReadonlySet<number>): readonly Calls[] {
  const within = ({ indexes: [first = -1] }: Calls) => entry[first] ?? -1;
  const statement = ({ indexes: [first = -1] }: Calls) => (told.has(first) ? 0 : model.statement(first));
  const own = calls.filter((each) => statement(each) > 0 && isRequest(model, within(each)));
  const statementKey = (each: Calls) =>
    JSON.stringify([within(each), statement(each), each.name, each.service]);
  return [...Map.groupBy(own, statementKey).values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length + 1 < LEAST_APART) return [];
    return { ...first, caller: within(first), indexes: ordered(model, [first, ...others]) };
  });
}

/** Spans of one name without spans below them, one after the other, that are most of their request. */
function repeatedSteps(facts: TraceFacts, limits: number): readonly DraftFinding[] {
  const { model, entry } = facts;
  const isStep = (index: number) =>
    model.children[index] === 0 &&
    /internal|unspecified/.test(model.kind(index)) &&
    isRequest(model, entry[index] ?? -1) &&
    !(model.isTestRunner(index) || isCall(model, index) || staysOpen(facts, index));
  const steps = Array.from(entry.keys()).filter(isStep);
  const stepKey = (index: number) => `${model.parent[index]} ${model.service(index)} ${model.name(index)}`;
  // Siblings are ordered by start.
  return [...Map.groupBy(steps, stepKey).values()].flatMap((indexes) => {
    const [first = 0] = indexes;
    const [whole = 0, covered] = [model.length[entry[first] ?? -1], coveredTime(facts, indexes)];
    const sum = indexes.reduce((total, index) => total + (model.length[index] ?? 0), 0);
    if (indexes.length < LEAST_STEPS * limits || covered < whole * LEAST_SHARE_OF_STEPS * limits) return [];
    if (covered > whole) return [];
    if (covered < sum * LEAST_IN_ORDER) return [];
    return {
      sentence: say`${spanWords(model, first)} ran ${times(indexes.length)} one after the other in ${nameOf(model, entry[first] ?? -1)}, for ${time(covered)} of ${time(whole)}`,
      advice: 'Do the work once for all of them, or some of it at the same time.',
      indexes,
      cost: covered,
    };
  });
}
