import { executionAsyncResource } from 'node:async_hooks';
import { processExecution } from './execution.ts';
import type { EnterTest, TestSpan } from './test-span.ts';
import { startThenable } from './test-span.ts';

/** Node's message about a test: the same object at the start and at the end of the test. */
export interface NodeTest {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string;
  readonly type: 'test' | 'suite';
}

/** The part of a test's context that tells its result. */
interface TestResult {
  readonly passed: boolean;
  readonly error: unknown;
}

/** The test that stands for all of a process's tests. */
const ROOT_TEST = '<root>';

/**
 * Makes a span of each test of `node:test`, from Node's channel (Node 24.16 and 26.1). The span's context is active in the
 * test's body. No reporter is added. The README lists what is replaced.
 *
 * The channel does not tell a skipped test from a passed one, nor a failed `todo` from a failed test. `beforeEach` and
 * `afterEach` run in the context of their suite.
 */
export function nodeTests(enter: EnterTest) {
  const running = new Map<NodeTest, { test: TestSpan; result: TestResult | undefined }>();
  return {
    start(message: NodeTest): void {
      const { name, file, type } = message;
      const own: RunningTest = executionAsyncResource();
      // `--test-rerun-failures` repeats a test that passed before by its name, without its body.
      if (own.name === name && typeof own.passedAttempt === 'number') return;
      mendThis(message);
      if (name === ROOT_TEST || file === undefined) return; // the runner's test of a whole file has no file
      const test = enter({
        runner: 'node:test',
        name,
        file,
        isSuite: type === 'suite',
        attempt: own.attempt,
        execution: processExecution(),
      });
      running.set(message, { test, result: resultOf() });
    },
    end(message: NodeTest): void {
      const found = running.get(message);
      if (found === undefined) return;
      running.delete(message);
      const { test, result } = found;
      if (result?.passed === false) test.end('fail', reasonOf(result.error));
      else test.end('pass');
    },
  };
}

/** Node's own object of a test, which is the async resource of the test's body. */
interface RunningTest {
  readonly name?: string;
  /** With `--test-rerun-failures`, which run of the file this is, and which one the test passed in. */
  readonly attempt?: number | undefined;
  readonly passedAttempt?: number;
  fn?: ((...args: unknown[]) => unknown) | undefined;
  getRunArgs?(): { readonly ctx: object };
}

/**
 * Gives a body the `this` that it has when nobody listens: the context of the test. Where somebody listens, Node calls the body on
 * its own object of the test. Node reads the body of a test after this, and that of a suite before, so the suite's object gets
 * what the suite's context has.
 */
function mendThis({ name, type }: NodeTest): void {
  const test: RunningTest = executionAsyncResource();
  const { fn } = test;
  if (test.name !== name || typeof fn !== 'function') return;
  if (type === 'test') {
    test.fn = (...args) => {
      test.fn = fn;
      const returned = fn.apply(args[0], args);
      return args.length === 1 ? startThenable(returned) : returned; // Node waits for the callback instead
    };
    return;
  }
  const { ctx = {} } = test.getRunArgs?.() ?? {};
  for (const member of Object.getOwnPropertyNames(Object.getPrototypeOf(ctx)))
    if (!(member in test)) Object.defineProperty(test, member, { get: () => Reflect.get(ctx, member) });
}

let nodeTest: { getTestContext?: () => TestResult | undefined } | undefined;

/** The context of the test that starts. Its result is there when the test has ended. */
function resultOf(): TestResult | undefined {
  nodeTest ??= process.getBuiltinModule('node:test') as NonNullable<typeof nodeTest>;
  return nodeTest.getTestContext?.();
}

/** The error of the test, which Node wraps. */
function reasonOf(error: unknown): unknown {
  const { code, cause } = Object(error);
  return code === 'ERR_TEST_FAILURE' && typeof cause === 'object' && cause !== null ? cause : error;
}
