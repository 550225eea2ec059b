import { getOrMake } from '../../../lib/get-or-make.ts';
import type { TraceModel } from './trace-model.ts';

/**
 * Failed calls, and failed spans with equal names below one span, that were followed by a success of the same work. What had begun
 * before the failure's end was no second try.
 */
export function triedAgain(model: TraceModel, calls: readonly (readonly number[])[]): ReadonlySet<number> {
  const tries = new Map<string, number[]>();
  const parents = new Set(model.errors.map((index) => model.parent[index] ?? -1));
  for (let index = 0; index < model.count; index++) {
    const up = model.parent[index] ?? -1;
    if (up < 0 || !parents.has(up)) continue;
    getOrMake(tries, `${up} ${model.service(index)} ${model.name(index)}`, () => []).push(index);
  }
  const recovered = new Set<number>();
  const start = (index: number) => model.offset[index] ?? -Infinity;
  for (const indexes of [...calls, ...tries.values()]) {
    if (indexes.length < 2 || !indexes.some((index) => model.error[index] === 1)) continue;
    const ordered = indexes.toSorted((a, b) => start(a) - start(b) || a - b);
    const last = start(ordered.findLast((index) => model.error[index] !== 1) ?? -1);
    for (const index of ordered)
      if (model.error[index] === 1 && start(index) + (model.length[index] ?? 0) <= last) recovered.add(index);
  }
  return recovered;
}
