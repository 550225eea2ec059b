import { categoryOf } from '../../../../core/problems/problem-key.ts';
import { saidOf } from '../../../../core/problems/said.ts';
import { toldOf } from '../../../../core/problems/sentence.ts';
import { worstOf } from '../../../../core/problems/worse.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { differenceOf } from '../../../../core/tests/attempts/differences.ts';
import type { TestAttempt } from '../../../../core/tests/read/test-spans.ts';
import type { RunReading } from '../read-run.ts';
import { undecidedIn } from '../run-problems.ts';
import { labelOf, supersededKey } from '../test-reading.ts';
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
  if (flaky.length === 0) return [];
  const undecided = undecidedIn(run);
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
    const error = isAlone && errorOf(run, undecided, key);
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
function errorOf({ tests }: RunReading, undecided: ReadonlySet<string>, key: string): FlakyTest['error'] {
  const all = [...(tests.get(supersededKey(key))?.tally ?? [])].flatMap(([id, own]) => {
    const occurrences = own.filter(({ unit }) => unit.unit !== 'test');
    const [first] = occurrences;
    const isTold = undecided.has(id) && first !== undefined && categoryOf(first.key.rule) === 'errors';
    return isTold ? { key: first.key, occurrences } : [];
  });
  if (all.length === 0) return undefined;
  const worst = worstOf(all.flatMap(({ occurrences }) => occurrences));
  const found = all.find(({ occurrences }) => occurrences.includes(worst));
  if (found === undefined) return undefined;
  const told = toldOf(found);
  const { file, line, service } = told;
  if (file === undefined) return undefined;
  return {
    sentence: saidOf(told, key.startsWith(`${service}\n`)),
    file,
    ...(line !== undefined && { line }),
  };
}

function sidesOf(attempts: readonly TestAttempt[]) {
  const of = (wanted: TestAttempt['status']) => attempts.filter(({ status }) => status === wanted);
  return { failed: of('fail').slice(0, MOST_ATTEMPTS), passed: of('pass').slice(-MOST_ATTEMPTS) };
}
