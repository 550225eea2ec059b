import { sightingsOf } from '../../../core/problems/fingerprint.ts';
import type { Around } from '../../../core/problems/judge.ts';
import {
  countedOf,
  delayedIn,
  isFact,
  isSmall,
  isUndecided,
  NO_FIRSTS,
} from '../../../core/problems/judge.ts';
import type { Occurrence } from '../../../core/problems/occurrences.ts';
import { readStatements } from '../../../core/problems/read/read-statements.ts';
import { saidOf } from '../../../core/problems/said.ts';
import type { Sighting } from '../../../core/problems/schemas.ts';
import { toldOf } from '../../../core/problems/sentence.ts';
import { countOccurrences, unitsOf } from '../../../core/problems/tally.ts';
import { joinRoutes } from '../../../core/problems/unit-spans.ts';
import type { Tallied } from '../../../core/problems/worse.ts';
import { byWeight, FAULT, faultsFirst, joinAlike, weightOf, worstOf } from '../../../core/problems/worse.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { placeIn } from '../../../core/traces/model/code-place.ts';
import type { ReportedProblem } from './compare/change.ts';
import { OUTSIDE } from './operations.ts';
import type { RunReading } from './read-run.ts';
import type { TestReading } from './test-reading.ts';
import { isSuperseded } from './test-reading.ts';

/** A problem over all tests of a run, without what is left out. */
export interface RunProblem extends Tallied {
  /** The keys of all that it stands for: of the rest of many alike, several. */
  readonly keys: readonly string[];
  readonly route: string;
  /** Of several paths that are one route, which its server does not name: `GET /users/:id`. */
  readonly oneRoute?: string;
  /** A test that shows it. */
  readonly test: string | undefined;
}

/** What a test shows of a problem. */
export interface SeenInTest {
  readonly key: string;
  readonly test: TestReading;
  readonly occurrences: readonly Occurrence[];
}

/**
 * The problems of a run, the worst first: ending, report and what_is_wrong tell these, and no other ones. Without what the machine
 * alone did, without times of the first request of each route, and with errors of a test's own work.
 * @param newKeys the keys of those that the run before had not: these come first
 */
export function problemsOf(reading: RunReading, newKeys?: ReadonlySet<string>): RunProblem[] {
  const all = [...inTests(reading)].flatMap(([key, seen]) => {
    if (isUndecidedIn(seen)) return [];
    return problemOf(key, seen, countedOf(occurrencesIn(seen), reading));
  });
  return joined(all, reading, newKeys);
}

/** Problems, of which those that one line throws at paths of one route are one. */
export function ofOneRoute(problems: readonly RunProblem[]): RunProblem[] {
  return joinRoutes(problems, ([first, ...others], route) => ({
    ...first,
    ...{ route, oneRoute: route },
    keys: [first, ...others].flatMap(({ keys }) => keys),
    occurrences: [first, ...others].flatMap(({ occurrences }) => occurrences),
    test: [first, ...others].find(({ test }) => test !== undefined)?.test,
  }));
}

/** Some problems of a run by their keys, also of first requests: what only one of two runs has. */
export function problemsNamed(
  reading: RunReading,
  keys: ReadonlyMap<string, TestReading>,
): readonly RunProblem[] {
  const seen = inTests(reading);
  return [...keys].flatMap(([key, test]) => {
    const all = seen.get(key) ?? [];
    const told = problemOf(key, all, occurrencesIn(all));
    return told.map((problem) => ({ ...problem, test: labelOf(test) }));
  });
}

/** Problems of a run in their order, with those of many alike as one. */
export function joined(
  problems: readonly RunProblem[],
  around: Around,
  newKeys?: ReadonlySet<string>,
): RunProblem[] {
  const ordered = (problem: RunProblem) => ({
    isFact: isFact(problem.occurrences, around),
    isNew: problem.keys.some((key) => newKeys?.has(key)),
    weight: weightIn(problem, around),
  });
  const tracesOf = ({ occurrences }: RunProblem) => new Set(occurrences.map(({ trace }) => trace.id)).size;
  // Facts weigh nothing: as in a range, what more traces have comes first.
  const inOrder = (all: readonly RunProblem[]) =>
    all.toSorted((a, b) => byWeight(ordered(a), ordered(b)) || tracesOf(b) - tracesOf(a));
  const all = inOrder(
    joinAlike(ofOneRoute(inOrder(problems)), (rest, [first, ...others]) => ({
      ...{ route: '', test: undefined, ...first },
      ...rest,
      keys: [...(first?.keys ?? []), ...others.flatMap(({ keys }) => keys)],
    })),
  );
  return faultsFirst(all, ({ key, occurrences }) => ({
    isFault: key.rule === FAULT,
    isSymptom: worstOf(occurrences).finding?.isSymptom === true,
    routes: occurrences.map(({ unit }) => JSON.stringify([unit.service, unit.route])),
  }));
}

/** What requests show of each problem, by test: what of it counts, also of first requests, as the other run has them, too. */
export function seenIn(reading: RunReading): SeenInTest[] {
  return [...inTests(reading).values()].flatMap((seen) => {
    const counted = new Set(countedOf(occurrencesIn(seen), { ...reading, firsts: NO_FIRSTS }));
    return seen.flatMap((each) => {
      const own = each.occurrences.filter((one) => counted.has(one) && one.unit.unit !== 'test');
      return own.length === 0 ? [] : { ...each, occurrences: own };
    });
  });
}

/** How many requests and messages of a run waited for a processor. */
export function delayedRequests(reading: RunReading): number {
  return delayedIn(occurrencesIn([...inTests(reading).values()].flat()));
}

/** The keys of the problems that only attempts show which do not decide. */
export function undecidedIn(reading: RunReading): ReadonlySet<string> {
  const all = [...inTests(reading)].filter(([, seen]) => isUndecidedIn(seen));
  return new Set(all.map(([key]) => key));
}

function isUndecidedIn(seen: readonly SeenInTest[]): boolean {
  return isUndecided(seen.map(({ test }) => ({ isSuperseded: isSuperseded(test) })));
}

function occurrencesIn(seen: readonly SeenInTest[]): readonly Occurrence[] {
  return seen.flatMap(({ occurrences }) => occurrences);
}

/** The sentence of a problem of a run, over all that show it. @param isAlone the reader knows the service */
export function sentenceOfProblem(problem: RunProblem, around: Around, isAlone = false): string {
  return saidOf(toldOf(problem, { around }), isAlone);
}

/** A problem of a run, as a report tells it. @param sightingsOf what was seen of it, by keys */
export function reportedOf(
  problem: RunProblem,
  around: Around,
  sightingsOf?: (keys: readonly string[]) => Sighting[],
): ReportedProblem {
  const { keys, route, test, occurrences } = problem;
  const told = toldOf(problem, { around });
  const { id, rule, service, advice, trace_id, fact } = told;
  const { unit, count, seen } = countOccurrences(occurrences);
  return {
    ...{ id, rule, service, sentence: saidOf(told), route },
    ...placeIn(told),
    ...(advice && { advice }),
    ...(fact && { fact: true }),
    ...(test !== undefined && { test }),
    ...{ unit, ...(count > seen && { requests: count, seen }), trace_id },
    ...(sightingsOf && { sightings: sightingsOf(keys) }),
  };
}

/**
 * Reads the sightings of a run's problems.
 * @returns those of problems by their keys, and the weak ones: of problems that no request has in full, or that only attempts show which
 * do not decide
 */
export async function readSightings(store: SpanStore, reading: RunReading, options: ReadOptions) {
  const undecided = undecidedIn(reading);
  const all = [...inTests(reading)].map(([key, seen]) => {
    const occurrences = occurrencesIn(seen);
    const isTold = !isSmall(occurrences) && !undecided.has(key);
    return { key, isTold, drafts: sightingsOf(occurrences) };
  });
  const read = await readStatements(
    store,
    all.flatMap(({ drafts }) => drafts),
    options,
  );
  const byKey = new Map(all.map(({ key, drafts }) => [key, drafts]));
  return {
    of: (keys: readonly string[]): Sighting[] => keys.flatMap((key) => read(byKey.get(key) ?? [])),
    weak: all.flatMap(({ isTold, drafts }) => (isTold ? [] : read(drafts))),
  };
}

/** What the tests of a run show, by problem. Of a command that nobody asked, its calls are told apart. */
function inTests({ tests, requests }: RunReading): ReadonlyMap<string, readonly SeenInTest[]> {
  const all = [...tests.values()].flatMap((test) =>
    Array.from(test.tally, ([key, seen]) => {
      const occurrences = requests.count === 0 ? seen.filter(({ isAlone }) => !isAlone) : seen;
      return { key, test, occurrences };
    }),
  );
  return Map.groupBy(
    all.filter(({ occurrences }) => occurrences.length > 0),
    ({ key }) => key,
  );
}

function problemOf(
  key: string,
  seen: readonly SeenInTest[],
  occurrences: readonly Occurrence[],
): RunProblem[] {
  const [first] = occurrences;
  if (first === undefined) return [];
  const { route } = worstOf(occurrences).unit;
  const test = seen.find(({ test }) => test.key !== OUTSIDE)?.test;
  return [{ key: first.key, keys: [key], occurrences, route, test: test?.label }];
}

function labelOf({ key, label }: TestReading): string | undefined {
  return key === OUTSIDE ? undefined : label;
}

/** What a problem of a run weighs, by its requests. */
function weightIn({ key, occurrences }: RunProblem, around: Around): number {
  const units = unitsOf(occurrences);
  const total = (of: typeof units) => of.reduce((sum, { weight }) => sum + weight, 0);
  return weightOf({
    rule: key.rule,
    traces: total(units),
    failed: total(units.filter(({ trace }) => trace.isFailed)),
    lost_ms: occurrences.reduce((sum, { cost, trace }) => sum + cost * trace.weight, 0) / 1e6,
    fact: isFact(occurrences, around),
  });
}
