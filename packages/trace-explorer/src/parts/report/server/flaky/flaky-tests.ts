import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { differenceOf } from '../../../../core/traces/attempts/differences.ts';
import type { RunReading } from '../read-run.ts';
import { labelOf } from '../test-reading.ts';
import type { TestAttempt } from '../test-spans.ts';
import { readAttempts } from './read-attempts.ts';
import type { FlakyTest } from './schemas.ts';

/** Flaky tests that are compared, and attempts of each side. */
const [MOST, MOST_ATTEMPTS] = [50, 5];

/** What is said of attempts that were not read: of too many tests, or of too large a trace. */
export function unreadText(at: number, most: number): string {
  return at < most ? 'not compared: its trace is too large' : `not compared: only the first ${most} are`;
}

/** Whether a test failed and then passed: its last attempts all passed, and one before did not. */
function isFlaky(attempts: readonly TestAttempt[]): boolean {
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
  { attempts, tests }: Pick<RunReading, 'attempts' | 'tests'>,
  options: ReadOptions,
): Promise<FlakyTest[]> {
  const flaky = [...attempts].filter(([, of]) => isFlaky(of));
  const sides = flaky.slice(0, MOST).map(([, of]) => sidesOf(of));
  const traced = await readAttempts(
    store,
    sides.flatMap(({ failed, passed }) => [...failed, ...passed]),
    options,
  );
  return flaky.map(([key, of], at) => {
    const { failed = [], passed = [] } = sides[at] ?? {};
    const [ours, theirs] = [failed, passed].map((some) => some.flatMap((each) => traced.get(each) ?? []));
    const [first, last] = [ours?.[0], theirs?.at(-1)];
    const own = of.find(({ status }) => status === 'fail');
    const found =
      first === undefined || last === undefined
        ? { sentence: unreadText(at, MOST) }
        : differenceOf(ours ?? [], theirs ?? []);
    const place = first?.place ?? { file: own?.file, line: own?.line };
    return {
      test: tests.get(key)?.label ?? labelOf(key),
      service: key.slice(0, key.indexOf('\n')),
      ...(place.file && { file: place.file }),
      ...(place.line !== undefined && { line: place.line }),
      message: own?.failure || 'failed',
      failed: of.filter(({ status }) => status === 'fail').length,
      passed: of.filter(({ status }) => status === 'pass').length,
      sentence: found.sentence,
      trace_id: own?.traceId ?? '',
      span_id: first?.spanId ?? own?.body ?? '',
      ...(last && { other_trace_id: last.traceId, other_span_id: last.spanId }),
      ...('spanId' in found && found.spanId !== undefined && { differs_at: found.spanId }),
    };
  });
}

function sidesOf(attempts: readonly TestAttempt[]) {
  const of = (wanted: TestAttempt['status']) => attempts.filter(({ status }) => status === wanted);
  return { failed: of('fail').slice(0, MOST_ATTEMPTS), passed: of('pass').slice(-MOST_ATTEMPTS) };
}
