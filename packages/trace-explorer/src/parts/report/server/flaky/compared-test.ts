import type { Sides } from '../../../../core/tests/attempts/sides.ts';
import type { TestAttempt } from '../../../../core/tests/read/test-spans.ts';
import type { TracedAttempt } from './read-attempts.ts';
import type { FlakyTest } from './schemas.ts';

/** What is said of a test with both, and where to look. */
export interface Said {
  readonly sentence: string;
  readonly spanId?: string;
}

/** A test that failed and passed, in one run or in several. */
interface Compared {
  readonly key: string;
  readonly label: string;
  /** The attempts that are compared, and those of them whose traces were read. */
  readonly own: Sides<TestAttempt>;
  readonly read: Sides<TracedAttempt>;
  readonly said: Said;
}

/** As answers tell it: where the test stands, why it failed first, and both attempts beside each other. */
export function comparedTest({
  key,
  label,
  own,
  read,
  said,
}: Compared): Omit<FlakyTest, 'failed' | 'passed'> {
  const [first] = own.failed;
  const [here, there] = [read.failed[0], read.passed.at(-1)];
  const { file, line }: { readonly file?: string; readonly line?: number | undefined } =
    here?.place ?? first ?? {};
  return {
    test: label,
    service: key.slice(0, key.indexOf('\n')),
    ...(file && { file }),
    ...(line !== undefined && { line }),
    message: (here ?? first)?.failure || 'failed',
    sentence: said.sentence,
    trace_id: (here ?? first)?.traceId ?? '',
    span_id: here?.spanId ?? first?.body ?? '',
    ...(there && { other_trace_id: there.traceId, other_span_id: there.spanId }),
    ...(said.spanId !== undefined && { differs_at: said.spanId }),
  };
}

/** Those of some attempts whose traces were read. */
export function tracedOf(
  { failed, passed }: Sides<TestAttempt>,
  traced: ReadonlyMap<TestAttempt, TracedAttempt>,
): Sides<TracedAttempt> {
  const found = (some: readonly TestAttempt[]) => some.flatMap((each) => traced.get(each) ?? []);
  return { failed: found(failed), passed: found(passed) };
}

/** What is said of attempts that were not read: of too many tests, or of too large a trace. */
export function unreadText(at: number, most: number): string {
  return at < most ? 'not compared: its trace is too large' : `not compared: only the first ${most} are`;
}
