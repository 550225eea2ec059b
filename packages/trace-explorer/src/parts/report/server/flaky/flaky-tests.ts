import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { differenceOf } from '../../../../core/traces/attempts/differences.ts';
import { categoryOf } from '../../../causes/server/about.ts';
import type { RunReading } from '../read-run.ts';
import { labelOf, supersededKey } from '../test-reading.ts';
import type { TestAttempt } from '../test-spans.ts';
import { codePlaceOf, toldSights, worstOf } from '../told-sights.ts';
import { comparedTest, tracedOf, unreadText } from './compared-test.ts';
import { readAttempts } from './read-attempts.ts';
import type { FlakyTest } from './schemas.ts';

/** Flaky tests that are compared, and attempts of each side. */
const [MOST, MOST_ATTEMPTS] = [50, 5];

/** Whether a test failed and then passed: its last attempts all passed, and one before did not. */
export function isFlaky(attempts: readonly TestAttempt[]): boolean {
  const last = attempts.filter(({ isSuperseded }) => !isSuperseded);
  return (
    attempts.some(({ status, isSuperseded }) => status === 'fail' && isSuperseded) &&
    last.some(({ status }) => status === 'pass') &&
    last.every(({ status }) => status !== 'fail')
  );
}

/** The flaky tests of a run in the order in which they ran, each with one sentence of what differs. */
export async function readFlaky(
  store: SpanStore,
  run: RunReading,
  options: ReadOptions,
): Promise<FlakyTest[]> {
  const { attempts, tests } = run;
  const flaky = [...attempts].flatMap(([key, all]) =>
    testsOfName(all)
      .filter(isFlaky)
      .map((of, _, { length }) => ({ key, of, isAlone: length === 1 })),
  );
  const sides = flaky.slice(0, MOST).map(({ of }) => sidesOf(of));
  const traced = await readAttempts(
    store,
    sides.flatMap(({ failed, passed }) => [...failed, ...passed]),
    options,
  );
  return flaky.map(({ key, of, isAlone }, at) => {
    const own = sides[at] ?? sidesOf(of);
    const read = tracedOf(own, traced);
    const { failed, passed } = read;
    const said =
      failed.length === 0 || passed.length === 0
        ? { sentence: unreadText(at, MOST) }
        : differenceOf(failed, passed);
    const count = (wanted: TestAttempt['status']) => of.filter(({ status }) => status === wanted).length;
    const label = tests.get(key)?.label ?? labelOf(key);
    const error = isAlone && errorOf(run, key);
    return {
      ...comparedTest({ key, label, own, read, said }),
      ...(error && { error }),
      failed: count('fail'),
      passed: count('pass'),
    };
  });
}

/** The attempts of each test, of those that have one name. */
export function testsOfName(attempts: readonly TestAttempt[]): TestAttempt[][] {
  return [...Map.groupBy(attempts, ({ test }) => test).values()];
}

/** The worst error in the requests of failed attempts that no other request of the run has, if it is known where in the code it began. */
function errorOf({ tests, undecided }: RunReading, key: string): FlakyTest['error'] {
  const causes = tests.get(supersededKey(key))?.causes ?? [];
  const errors = [...causes].flatMap(([id, seen]) =>
    undecided.has(id) && categoryOf(seen.cause.rule) === 'errors' ? seen : [],
  );
  const worst = worstOf(errors.flatMap(({ sights }) => sights));
  const found = errors.find(({ sights }) => worst !== undefined && sights.includes(worst));
  if (worst === undefined || found === undefined) return undefined;
  const place = codePlaceOf(worst, found.sights);
  if (place === undefined) return undefined;
  const isOwn = key.startsWith(`${worst.cause.service}\n`);
  const { file, line } = place;
  return {
    sentence: toldSights(worst, found.sights, found.route, isOwn),
    file,
    ...(line !== undefined && { line }),
  };
}

function sidesOf(attempts: readonly TestAttempt[]) {
  const of = (wanted: TestAttempt['status']) => attempts.filter(({ status }) => status === wanted);
  return { failed: of('fail').slice(0, MOST_ATTEMPTS), passed: of('pass').slice(-MOST_ATTEMPTS) };
}
