import { getOrMake } from '../../shared/get-or-make.ts';
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
/** Of the steps' time, when several ran at the same time. */
const FEW_OVERLAPS = 0.1;

/** Equal statements of one request, each below a span of its own: further calls of the request. */
export function callsApart({ model, entry, calls }: TraceFacts, told: ReadonlySet<number>): readonly Calls[] {
  const found = new Map<string, Calls[]>();
  for (const each of calls) {
    const [first = -1] = each.indexes;
    const [statement, within = -1] = [model.statement(first), entry[first]];
    if (statement === 0 || told.has(first) || !isRequest(model, within)) continue;
    const key = JSON.stringify([within, model.service(first), statement, each.name, each.service]);
    getOrMake(found, key, () => []).push(each);
  }
  const start = (index: number) => model.offset[index] ?? 0;
  return [...found.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length < LEAST_APART) return [];
    const indexes = group.flatMap(({ indexes }) => indexes).sort((a, b) => start(a) - start(b) || a - b);
    return { ...first, caller: entry[indexes[0] ?? 0] ?? -1, indexes };
  });
}

/** Spans of one name without spans below them, one after the other, that are most of their request. */
export function repeatedSteps(facts: TraceFacts): readonly Found[] {
  const { model, entry } = facts;
  const found = new Map<string, number[]>();
  for (let index = 0; index < model.count; index++) {
    const isStep = /internal|unspecified/.test(model.kind(index)) && model.children[index] === 0;
    if (!isStep || model.name(index).startsWith(RUNNER) || !isRequest(model, entry[index] ?? -1)) continue;
    if (model.error[index] === 1 || isCall(model, index)) continue;
    const key = `${model.parent[index]} ${model.service(index)} ${model.name(index)}`;
    getOrMake(found, key, () => []).push(index);
  }
  // Siblings are ordered by start.
  return [...found.values()].flatMap((indexes) => {
    const [first = 0] = indexes;
    const [whole = 0, covered] = [model.length[entry[first] ?? -1], coveredTime(facts, indexes)];
    const sum = indexes.reduce((total, index) => total + (model.length[index] ?? 0), 0);
    const isInOrder = covered >= sum * (1 - FEW_OVERLAPS);
    if (indexes.length < LEAST_STEPS || covered < whole * LEAST_SHARE || covered > whole) return [];
    if (!isInOrder || staysOpen(facts, first)) return [];
    return {
      sentence: `${spanText(model, first)} ran ${times(indexes.length)} one after the other in ${nameOf(model, entry[first] ?? -1)}, for ${time(covered)} of ${time(whole)}`,
      advice: 'Do the work once for all of them, or some of it at the same time.',
      indexes,
      cost: covered,
    };
  });
}
