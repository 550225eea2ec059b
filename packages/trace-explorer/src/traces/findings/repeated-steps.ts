import { times } from '../../shared/words.ts';
import { RUNNER } from '../model/span-facts.ts';
import type { Calls, TraceFacts } from './facts.ts';
import { coveredTime, isCall, isRequest } from './facts.ts';
import type { Found } from './finding.ts';
import { nameOf, spanText, staysOpen, time } from './words.ts';

/** Fewer spans below which equal statements stand are parts that a person knows. */
const LEAST_APART = 10;
/** Fewer steps, or a smaller share of their request, are the normal parts of its work. */
const LEAST_STEPS = 100;
const LEAST_SHARE = 0.5;
/** Of the steps' time; of less, several ran at the same time. */
const LEAST_IN_ORDER = 0.9;

/** Equal statements of one request, each below a span of its own: further calls of the request. */
export function callsApart({ model, entry, calls }: TraceFacts, told: ReadonlySet<number>): readonly Calls[] {
  const within = ({ indexes: [first = -1] }: Calls) => entry[first] ?? -1;
  const statement = ({ indexes: [first = -1] }: Calls) => (told.has(first) ? 0 : model.statement(first));
  const own = calls.filter((each) => statement(each) > 0 && isRequest(model, within(each)));
  const keyOf = (each: Calls) => JSON.stringify([within(each), statement(each), each.name, each.service]);
  const start = (index: number) => model.offset[index] ?? 0;
  return [...Map.groupBy(own, keyOf).values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length + 1 < LEAST_APART) return [];
    const indexes = [first, ...others].flatMap(({ indexes }) => indexes);
    return { ...first, caller: within(first), indexes: indexes.sort((a, b) => start(a) - start(b) || a - b) };
  });
}

/** Spans of one name without spans below them, one after the other, that are most of their request. */
export function repeatedSteps(facts: TraceFacts): readonly Found[] {
  const { model, entry } = facts;
  const isStep = (index: number) =>
    model.children[index] === 0 &&
    /internal|unspecified/.test(model.kind(index)) &&
    isRequest(model, entry[index] ?? -1) &&
    !(model.name(index).startsWith(RUNNER) || isCall(model, index) || staysOpen(facts, index));
  const steps = Array.from(entry.keys()).filter(isStep);
  const keyOf = (index: number) => `${model.parent[index]} ${model.service(index)} ${model.name(index)}`;
  // Siblings are ordered by start.
  return [...Map.groupBy(steps, keyOf).values()].flatMap((indexes) => {
    const [first = 0] = indexes;
    const [whole = 0, covered] = [model.length[entry[first] ?? -1], coveredTime(facts, indexes)];
    const sum = indexes.reduce((total, index) => total + (model.length[index] ?? 0), 0);
    if (indexes.length < LEAST_STEPS || covered < whole * LEAST_SHARE || covered > whole) return [];
    if (covered < sum * LEAST_IN_ORDER) return [];
    return {
      sentence: `${spanText(model, first)} ran ${times(indexes.length)} one after the other in ${nameOf(model, entry[first] ?? -1)}, for ${time(covered)} of ${time(whole)}`,
      advice: 'Do the work once for all of them, or some of it at the same time.',
      indexes,
      cost: covered,
    };
  });
}
