import { formatCount, plural, quoted } from '../../lib/text/words.ts';
import type { Occurrence } from './occurrences.ts';
import type { ProblemKey } from './problem-key.ts';
import { categoryOf, familyOf, partsOfKey } from './problem-key.ts';
import type { Cause } from './schemas.ts';

/** Milliseconds of lost time that weigh as much as a failed request. */
const AS_A_FAILURE_MS = 1000;
/** Time of a call that is slow by itself: the fault may be elsewhere. */
const UNSURE_SHARE = 0.25;

/**
 * The occurrence that shows a problem best: in full, with a finding, which blames something, itself and no other request, which
 * knows who held what was waited for, and the one that cost most.
 */
export function worstOf<T extends Pick<Occurrence, 'finding' | 'cost'>>(occurrences: readonly T[]): T {
  const [first, ...others] = occurrences;
  if (first === undefined) throw new RangeError('a problem without an occurrence');
  return others.reduce((worst, other) => (tellsMore(other, worst) ? other : worst), first);
}

function tellsMore(one: Pick<Occurrence, 'finding' | 'cost'>, other: typeof one): boolean {
  const more = rankOf(one) - rankOf(other);
  return more === 0 ? one.cost > other.cost : more > 0;
}

function rankOf({ finding }: Pick<Occurrence, 'finding'>): number {
  if (finding === undefined) return 1;
  if (finding.isSmall) return 0;
  if (finding.isOutside) return 2;
  if (finding.isFact) return 3;
  if (finding.culprit !== undefined) return 4;
  return finding.heldBy === undefined ? 5 : 6;
}

/** What a problem weighs: a fact nothing, an error the requests that have it, also those that went on; any other problem failed requests and lost seconds. */
export function weightOf({
  rule,
  traces,
  failed,
  lost_ms,
  fact,
}: Pick<Cause, 'rule' | 'traces' | 'failed' | 'lost_ms' | 'fact'>): number {
  if (fact) return 0;
  if (categoryOf(rule) === 'errors') return traces;
  const share = rule === 'slow-call' ? UNSURE_SHARE : 1;
  return failed + (share * lost_ms) / AS_A_FAILURE_MS;
}

/** What the order of problems is made of, wherever they are told. */
interface Ordered {
  readonly isFact: boolean;
  readonly isNew: boolean;
  readonly weight: number;
}

/** The worst first: facts last, as they may be as they should; else new ones first, then by weight. */
export function byWeight(a: Ordered, b: Ordered): number {
  return Number(a.isFact) - Number(b.isFact) || Number(b.isNew) - Number(a.isNew) || b.weight - a.weight;
}

/** The problems of a range, the worst first. */
export function inOrder(causes: readonly Cause[]): Cause[] {
  const ordered = (cause: Cause) => ({
    isFact: cause.fact === true,
    isNew: cause.new === true,
    weight: weightOf(cause),
  });
  const sorted = causes.toSorted(
    (a, b) =>
      byWeight(ordered(a), ordered(b)) ||
      b.traces - a.traces ||
      (a.last < b.last ? 1 : a.last > b.last ? -1 : a.id < b.id ? -1 : 1),
  );
  return faultsFirst(sorted, ({ rule, symptom = false, routes }) => ({
    isFault: rule === FAULT,
    isSymptom: symptom,
    routes: routes.map((route) => JSON.stringify([route.service, route.name])),
  }));
}

/** The rule of what keeps the connections of a pool in use. */
export const FAULT = 'repeated-call';

/** What tells a symptom from its fault. */
interface Cited {
  readonly isFault: boolean;
  readonly isSymptom: boolean;
  readonly routes: readonly string[];
}

/** Problems in their order, but a wait for a connection that names no holder after the repeated call of its routes. */
export function faultsFirst<T>(ordered: readonly T[], citedOf: (problem: T) => Cited): T[] {
  const cited = new Map(ordered.map((problem) => [problem, citedOf(problem)]));
  const told: T[] = [];
  for (const problem of ordered) {
    const { isSymptom = false, routes = [] } = cited.get(problem) ?? {};
    const isBehind = (other: T) =>
      cited.get(other)?.isFault === true &&
      cited.get(other)?.routes.some((route) => routes.includes(route)) === true;
    const last = isSymptom ? ordered.findLast(isBehind) : undefined;
    // The fault and its symptom stand where the symptom would.
    if (last !== undefined) told.push(last);
    told.push(problem);
  }
  return [...new Set(told)];
}

/** A problem, and all that was seen of it. */
export interface Tallied {
  readonly key: ProblemKey;
  readonly occurrences: readonly Occurrence[];
  /** Of the rest of many alike: the first of them, which speaks, and the others. */
  readonly rest?: { readonly first: Tallied; readonly others: readonly Tallied[] };
}

/** Problems that differ only in their statements, paths or callers: so many are told, and the others are one. */
const MOST_ALIKE = 5;

/**
 * Problems, of which those that differ only in their statements, paths or callers are a few, and one rest.
 * @param all the worst first
 * @param joined the rest, from its key and occurrences, and the problems in it
 */
export function joinAlike<T extends Tallied>(
  all: readonly T[],
  joined: (rest: Tallied, problems: readonly T[]) => T,
): T[] {
  return [...Map.groupBy(all, ({ key }) => familyOf(key)).values()].flatMap((alike) => {
    const most = alike.length <= MOST_ALIKE + 1 ? alike.length : MOST_ALIKE;
    const [first, ...others] = alike.slice(most);
    if (first === undefined) return alike;
    const rest: Tallied = {
      key: { ...first.key, shape: '', caller: '', isRest: true },
      occurrences: [first, ...others].flatMap(({ occurrences }) => occurrences),
      rest: { first, others },
    };
    return [...alike.slice(0, most), joined(rest, [first, ...others])];
  });
}

/** `, and 17 more statements`: what the other problems of a rest are about. */
export function othersText({ rest }: Tallied): string {
  if (rest === undefined) return '';
  const { shape } = partsOfKey(rest.first.key);
  const count = rest.others.length;
  const what = shape === '' ? 'place' : shape.startsWith('/') ? 'path' : 'statement';
  return `, and ${formatCount(count)} more ${plural(count, what)}`;
}

/** `; so it was in 16 of 19 such waits`: of some waits, how often the most frequent holder was it; empty of all, which says no more. */
export function holdersText(
  occurrences: readonly Pick<Occurrence, 'finding'>[],
  worst: Pick<Occurrence, 'finding'>,
): string {
  const known = occurrences.flatMap(({ finding }) => finding?.heldBy ?? []);
  const [most] = [...Map.groupBy(known, (by) => by).values()].toSorted((a, b) => b.length - a.length);
  if (most?.[0] === undefined) return '';
  const waits = `${formatCount(most.length)} of ${formatCount(occurrences.length)} such waits`;
  const isSaid = worst.finding?.sentence.includes(most[0]) === true;
  if (isSaid && most.length === occurrences.length) return '';
  return isSaid ? `; so it was in ${waits}` : `; in ${waits} ${most[0]} held them`;
}

/** `; 18 GET /me/:id waited for it`, `; 21 other requests waited for it`: how many waited for the request that is to blame. */
export function victimsText(occurrences: readonly Pick<Occurrence, 'victim' | 'trace'>[]): string {
  const names = new Set<string>();
  let count = 0;
  for (const { victim, trace } of occurrences) {
    if (victim === undefined) continue;
    names.add(victim);
    count += trace.weight;
  }
  const [name = ''] = names;
  const requests = names.size === 1 ? quoted(name) : plural(count, 'other request');
  return count === 0 ? '' : `; ${formatCount(count)} ${requests} waited for it`;
}
