import { mostOften } from '../../../lib/text/words.ts';
import { isOutside } from '../../causes/server/about.ts';
import { byWeight, weightOf } from '../../causes/server/order.ts';
import type { SeenCause, Sight } from './cause-sights.ts';
import type { ReportedCause } from './compare/change.ts';
import { OUTSIDE } from './operations.ts';
import type { RunReading } from './read-run.ts';
import type { TestReading } from './test-reading.ts';
import { countSights, toldSights, worstOf } from './told-sights.ts';

/** The causes of a run that a condition takes, each once, with a test that shows it, by their keys; the worst first. */
export function causesOfRun(
  { tests, undecided }: RunReading,
  takes: (seen: SeenCause, test: TestReading, key: string) => boolean = (_seen, _test, key) =>
    !undecided.has(key),
): Map<string, ReportedCause> {
  const causes = new Map<string, ReportedCause>();
  const weights = new Map<string, number>();
  const all = Map.groupBy(
    [...tests.values()].flatMap((test) => [...test.causes].map(([key, seen]) => ({ key, seen }))),
    ({ key }) => key,
  );
  for (const test of tests.values())
    for (const [key, seen] of test.causes) {
      const { cause, route, sights } = seen;
      weights.set(key, (weights.get(key) ?? 0) + weightIn(sights));
      const isOfMachine = isOutside(sights.map(({ cause }) => cause));
      if (causes.has(key) || isOfMachine || !takes(seen, test, key)) continue;
      const ofAll = all.get(key)?.flatMap(({ seen }) => seen.sights) ?? sights;
      const worst = worstOf(ofAll) ?? { cause };
      const { id, rule, advice, trace_id = '' } = worst.cause;
      const sentence = toldSights(worst, ofAll, route);
      const line = worst.cause.line ?? mostOften(ofAll.flatMap(({ cause }) => cause.line ?? []));
      const at = test.key !== OUTSIDE && { test: test.label };
      const optional = { ...(line && { line }), ...(advice && { advice }) };
      causes.set(key, { id, rule, sentence, route, ...optional, ...at, ...estimateOf(sights), trace_id });
    }
  const ordered = ([key]: [string, ReportedCause]) => ({
    isOutside: false,
    isNew: false,
    weight: weights.get(key) ?? 0,
  });
  return new Map([...causes].toSorted((a, b) => byWeight(ordered(a), ordered(b))));
}

/** What some sights of a cause weigh together. */
export function weightIn(sights: readonly Sight[]): number {
  return sights.reduce((sum, { cause }) => sum + weightOf(cause), 0);
}

/** The unit in which a cause is counted; and how many have it, if any of them is a sample. */
function estimateOf(sights: readonly Sight[]): Pick<ReportedCause, 'unit' | 'requests' | 'seen'> {
  const { unit, count, seen } = countSights(sights);
  return { unit, ...(count > seen && { requests: count, seen }) };
}
