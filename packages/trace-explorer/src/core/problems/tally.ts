import { getOrMake } from '../../lib/get-or-make.ts';
import { rfc3339 } from '../../lib/time/rfc3339.ts';
import type { TimeInterval } from '../../lib/time/time-range.ts';
import type { TraceModel } from '../traces/model/trace-model.ts';
import type { SightingDraft } from './fingerprint.ts';
import { sightingsOf } from './fingerprint.ts';
import type { Around, FirstRequests } from './judge.ts';
import { countedOf, delayedIn, isWeak, NO_FIRSTS } from './judge.ts';
import type { OccurredIn, Occurrence } from './occurrences.ts';
import { expectedIn, occurrencesOf } from './occurrences.ts';
import { familyOf, keyOfId, problemId } from './problem-key.ts';
import type { Cause } from './schemas.ts';
import { MOST_NAMED, SPARK } from './schemas.ts';
import { toldOf } from './sentence.ts';
import type { UnitSpan } from './unit-spans.ts';
import { Requests, unitsIn } from './unit-spans.ts';
import type { Unit, UnitCount } from './units.ts';
import { countUnits } from './units.ts';
import type { Tallied } from './worse.ts';
import { inOrder, joinAlike } from './worse.ts';

/** Counts problems, occurrence by occurrence: of a range, of a run or of a test. Whoever tells them asks `judge.ts` which. */
export class Tally {
  readonly #seen = new Map<string, Occurrence[]>();
  /** The traces that were counted, and the ones with a finding of the rule. */
  traces = 0;
  withFinding = 0;
  /** The same, with each trace by its rate. */
  weighted = { traces: 0, withFinding: 0 };
  /** The ids of errors that some traces expect. */
  readonly expected = new Set<string>();
  /** How many requests, messages and jobs the traces have, by their rates. */
  readonly #units = new Map<Unit, number>();
  readonly #rule: string | undefined;
  readonly #around: Around;
  /** The problems, until more is counted: each answer asks for them several times. */
  #told: readonly Tallied[] | undefined;

  /** @param rule only findings of this rule count @param firsts the first requests, where they are known */
  constructor(rule?: string, firsts: FirstRequests = NO_FIRSTS) {
    this.#rule = rule;
    this.#around = { requests: new Requests(), firsts };
  }

  /** Counts one occurrence. @param key what tells its problem apart, if that is more than its id */
  add(occurrence: Occurrence, key = problemId(occurrence.key)): void {
    this.#told = undefined;
    getOrMake(this.#seen, key, (): Occurrence[] => []).push(occurrence);
  }

  /** Counts a whole trace. @param left spans whose problems do not count */
  addTrace(model: TraceModel, left: ReadonlySet<number> = new Set()): void {
    this.#told = undefined;
    const weight = model.sampleRate ?? 1;
    this.traces += 1;
    this.weighted.traces += weight;
    for (const id of expectedIn(model)) this.expected.add(id);
    this.#around.requests.add(model);
    for (const unit of unitsIn(model)) this.#units.set(unit, weight + (this.#units.get(unit) ?? 0));
    const own = occurrencesOf(model).filter(
      ({ key, finding, index }) =>
        !left.has(index) && (this.#rule === undefined || (finding?.rule ?? key.rule) === this.#rule),
    );
    if (own.some(({ finding }) => finding !== undefined && !isWeak(finding))) {
      this.withFinding += 1;
      this.weighted.withFinding += weight;
    }
    for (const occurrence of own) this.add(occurrence);
  }

  /** All that was seen, by what tells problems apart. */
  [Symbol.iterator](): Iterator<readonly [key: string, occurrences: readonly Occurrence[]]> {
    return this.#seen.entries();
  }

  /** Whether a problem was seen in full. */
  has(id: string): boolean {
    const own = this.#seen.get(id);
    if (own !== undefined && countedOf(own, this.#around).length > 0) return true;
    const key = keyOfId(id);
    return 'isRest' in key && this.#whole().some((problem) => familyOf(problem.key) === familyOf(key));
  }

  /** The problems, with what of each counts. */
  #whole(): readonly Tallied[] {
    return [...this.#seen.values()].flatMap((all) => {
      const occurrences = countedOf(all, this.#around);
      const [first] = occurrences;
      return first === undefined ? [] : { key: first.key, occurrences };
    });
  }

  /** The same, with those of many alike as one: the costliest stay. */
  #problems(): readonly Tallied[] {
    this.#told ??= this.#joined();
    return this.#told;
  }

  #joined(): readonly Tallied[] {
    const all = this.#whole().map((problem) => {
      const of = tracesOf(problem.occurrences);
      return {
        problem,
        traces: of.length,
        cost: of.reduce((sum, { cost, weight }) => sum + cost * weight, 0),
      };
    });
    const ordered = all.toSorted((a, b) => b.cost - a.cost || b.traces - a.traces);
    return joinAlike(
      ordered.map(({ problem }) => problem),
      (rest) => rest,
    );
  }

  /** The ids of the traces of each problem. */
  traceIds(): Map<string, readonly string[]> {
    return new Map(
      this.#problems().map(({ key, occurrences }) => [
        problemId(key),
        tracesOf(occurrences).map(({ id }) => id),
      ]),
    );
  }

  /** The sightings of each problem, by its id. */
  sightings(): Map<string, readonly SightingDraft[]> {
    return new Map(
      this.#problems().map(({ key, occurrences }) => [problemId(key), sightingsOf(occurrences)]),
    );
  }

  /**
   * The problems that were counted, in any order.
   * @param range of the sparks; from the first to the last occurrence when left out
   * @param isPart whether others were not looked at: the ones that were are no fair sample, so that each counts once
   * @param messages of errors whose spans all have one message, by the problem's id
   */
  causes(range?: TimeInterval, isPart = false, messages: ReadonlyMap<string, string> = new Map()): Cause[] {
    const problems = this.#problems();
    const times = problems.flatMap(({ occurrences }) => occurrences.map(({ time }) => time)).sort(byTime);
    const within = range ?? { start: times[0] ?? 0n, end: (times.at(-1) ?? 0n) + 1n };
    return problems.map((problem) => {
      const said = messages.get(problemId(problem.key));
      return {
        ...toldOf(problem, { isPart, ...(said !== undefined && { said }), around: this.#around }),
        ...this.#countsOf(problem, within, isPart),
      };
    });
  }

  #countsOf({ occurrences }: Tallied, { start, end }: TimeInterval, isPart: boolean) {
    const all = tracesOf(occurrences);
    const times = all.map(({ time }) => time);
    const total = (of: (each: SeenTrace) => number) =>
      all.reduce((sum, each) => sum + of(each) * (isPart ? 1 : each.weight), 0);
    const traces = total(() => 1);
    const seen = all.length;
    const rules = new Set(occurrences.flatMap(({ finding }) => finding?.rule ?? []));
    const routes = new Map(
      all.map(({ service, name }) => [JSON.stringify([service, name]), { service, name }]),
    );
    const last = occurrences
      .map(({ time }) => time)
      .toSorted(byTime)
      .at(-1);
    return {
      rules: [...rules].sort(),
      counted: 'looked' as const,
      traces,
      of: this.traces,
      ...(!isPart && this.weighted.traces > this.traces && { of_estimated: this.weighted.traces }),
      ...(traces > seen && { estimated: true, seen }),
      ...(!isPart && this.#unitsOf(occurrences)),
      failed: total(({ isFailed }) => Number(isFailed)),
      lost_ms: total(({ cost }) => cost) / 1e6,
      first: rfc3339(times.toSorted(byTime)[0] ?? 0n),
      last: rfc3339(last ?? 0n),
      spark: sparkOf(times, start, end),
      routes: [...routes.values()].slice(0, MOST_NAMED),
      routes_total: routes.size,
      versions: [],
    };
  }

  /** How many requests and messages waited for a processor. */
  delayed(): number {
    return delayedIn([...this.#seen.values()].flat());
  }

  /** How many units have a problem, of all that were looked at. */
  #unitsOf(occurrences: readonly Occurrence[]): Pick<Cause, 'counts'> {
    const { unit, count, seen } = countOccurrences(occurrences);
    if (unit === 'trace') return {};
    return { counts: { unit, count, of: this.#units.get(unit) ?? count, ...(count > seen && { seen }) } };
  }
}

/** A trace that has a problem. */
interface SeenTrace extends OccurredIn {
  readonly cost: number;
  /** When the problem began in it. */
  readonly time: bigint;
}

function tracesOf(occurrences: readonly Occurrence[]): SeenTrace[] {
  return [...Map.groupBy(occurrences, ({ trace }) => trace)].map(([trace, own]) => ({
    ...trace,
    cost: own.reduce((sum, { cost }) => sum + cost, 0),
    time: own.map(({ time }) => time).toSorted(byTime)[0] ?? 0n,
  }));
}

/** The requests, messages, jobs and tests that have a problem, each once, and what each of them stands for. */
export function unitsOf(
  occurrences: readonly Occurrence[],
): readonly (UnitSpan & { readonly trace: OccurredIn; readonly weight: number })[] {
  const ofTraces = Map.groupBy(occurrences, ({ trace }) => trace);
  return [...ofTraces].flatMap(([trace, own]) => {
    const units = new Map(own.map(({ unit }) => [unit.index, unit]));
    return Array.from(units.values(), (unit) => ({ ...unit, trace, weight: trace.weight }));
  });
}

/** How many units have a problem, in the unit that has most. */
export function countOccurrences(occurrences: readonly Occurrence[]): UnitCount {
  return countUnits(unitsOf(occurrences));
}

/** How many times lie in each part of a range. */
export function sparkOf(times: Iterable<bigint>, start: bigint, end: bigint): number[] {
  const spark = new Array<number>(SPARK).fill(0);
  const length = end > start ? end - start : 1n;
  for (const time of times) {
    const at = Number(((time - start) * BigInt(SPARK)) / length);
    if (spark[at] !== undefined) spark[at] += 1;
  }
  return spark;
}

/** Whether a time is before another one, for sorting. */
function byTime(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The problems in some traces, also of traces outside the store: in a run's file, for example. Counts are about these traces.
 * @example causesOf(outlines.map((outline) => buildModel(outline)))
 */
export function causesOf(models: Iterable<TraceModel>): Cause[] {
  const tally = new Tally();
  for (const model of models) tally.addTrace(model);
  return inOrder(tally.causes());
}
