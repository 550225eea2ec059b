import type { EnterTest, TestSpan } from './test-span.ts';

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
 * test's body. Nothing is patched, and no reporter is added.
 *
 * The channel does not tell a skipped test from a passed one, nor a failed `todo` from a failed test. `beforeEach` and
 * `afterEach` run in the context of their suite.
 */
export function nodeTests(enter: EnterTest) {
  const running = new Map<NodeTest, { test: TestSpan; result: TestResult | undefined }>();
  return {
    start(message: NodeTest): void {
      const { name, file, type } = message;
      if (name === ROOT_TEST || file === undefined) return; // the runner's test of a whole file has no file
      const test = enter({ name, file, isSuite: type === 'suite' });
      running.set(message, { test, result: resultOf() });
    },
    end(message: NodeTest): void {
      const found = running.get(message);
      if (found === undefined) return;
      running.delete(message);
      const { test, result } = found;
      if (result?.passed === false) test.end(true, reasonOf(result.error));
      else test.end(false);
    },
  };
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
