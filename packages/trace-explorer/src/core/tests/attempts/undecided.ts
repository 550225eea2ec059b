import type { TraceModel } from '../../traces/model/trace-model.ts';
import { VITEST_PARTS } from '../read/test-columns.ts';

const [BEGIN = '', BODY = ''] = VITEST_PARTS;

/**
 * The spans of a trace that do not decide: those of attempts of Vitest's tests after which the test ran again, with all that these
 * called. Vitest has all tests in one trace; other runners have a trace for each attempt. @see decides of `test-columns.ts`
 */
export function undecidedIn(model: TraceModel): ReadonlySet<number> {
  const parts: number[] = [];
  for (let index = 0; index < model.count; index++)
    if (VITEST_PARTS.includes(model.name(index))) parts.push(index);
  const undecided = new Set<number>();
  for (const own of Map.groupBy(parts, (index) => model.parent[index]).values()) {
    const first = own.some((index) => model.name(index) === BEGIN) ? BEGIN : BODY;
    const last = Math.max(
      ...own.filter((index) => model.name(index) === first).map((index) => model.offset[index] ?? 0),
    );
    for (const part of own.filter((index) => (model.offset[index] ?? 0) < last))
      for (let index = part; index < (model.end[part] ?? 0); index++) undecided.add(index);
  }
  return undecided;
}
