import { keyOfId, problemId } from '../../../../core/problems/problem-key.ts';
import { routeKey } from '../operations.ts';
import type { RunReading } from '../read-run.ts';
import type { TestReading } from '../test-reading.ts';
import { isTest } from '../test-reading.ts';
import { twinIn } from './news.ts';

/** A test in both runs. */
export interface TestPair {
  readonly before: TestReading;
  readonly now: TestReading;
}

/** The tests that both runs have, of equal path and file. */
export function pairsOf(base: RunReading, head: RunReading): TestPair[] {
  const inBase = twinIn(base);
  return [...head.tests.values()].flatMap((now) => {
    const before = inBase(now);
    return before === undefined || !isTest(now) ? [] : [{ before, now }];
  });
}

/** A route that has another name in the head. */
export interface RenamedRoute {
  readonly service: string;
  readonly from: string;
  readonly to: string;
  readonly pair: TestPair;
}

/** Routes that one run has under one name and the other under another, in the same tests, by the key of the new name. */
export class RenamedRoutes {
  readonly #byKey = new Map<string, RenamedRoute>();

  constructor(pairs: readonly TestPair[], base: RunReading, head: RunReading) {
    const all = ({ tests }: RunReading) =>
      new Set([...tests.values()].flatMap(({ routes }) => [...routes.keys()]));
    const [before, after] = [all(base), all(head)];
    for (const pair of pairs) {
      const gone = [...pair.before.routes].filter(([key]) => !after.has(key));
      const fresh = [...pair.now.routes].filter(([key]) => !before.has(key));
      const [[, from] = [], [key, to] = []] = [gone[0], fresh[0]];
      if (gone.length !== 1 || fresh.length !== 1 || !from || !to || key === undefined) continue;
      if (from.service === to.service)
        this.#byKey.set(key, { service: to.service, from: from.route, to: to.route, pair });
    }
  }

  [Symbol.iterator](): Iterator<RenamedRoute> {
    return this.#byKey.values();
  }

  /** The key that a route of the head had in the base. */
  oldKey(key: string): string {
    const old = this.#byKey.get(key);
    return old === undefined ? key : routeKey(old.service, old.from);
  }

  /** The key that a cause of the base has in the head, where its route has a new name. */
  newCauseKey(ofBase: string): string {
    if (ofBase.includes(' ')) return ofBase; // of a server that names no routes
    const key = keyOfId(ofBase);
    const renamed = [...this].find(({ service, from }) => service === key.service && from === key.name);
    return renamed === undefined ? ofBase : problemId({ ...key, name: renamed.to });
  }
}
