import { processExecution } from './execution.ts';
import type { EnterTest, TestSpan } from './test-span.ts';
import { startThenable } from './test-span.ts';

/** The internal members of a test of @tapjs/core 4 that are used here. Its version is the one of the lockfile. */
export interface TapTest {
  readonly name: string;
  readonly options: {
    readonly cb?: (...args: unknown[]) => unknown;
    readonly at?: { readonly fileName?: string; readonly lineNumber?: number } | null;
  };
  readonly hook: {
    runInAsyncScope<R>(body: (...args: unknown[]) => R, self: unknown, ...args: unknown[]): R;
  };
  readonly t?: unknown;
  cb?: (...args: unknown[]) => unknown;
  on(event: 'subtestAdd', listener: (test: TapTest) => void): void;
  on(event: 'complete', listener: (results: TapResults) => void): void;
}

/** A failed assertion, or a failed subtest. */
interface TapFailure {
  readonly name?: string;
  readonly diag?: { readonly stack?: string; readonly at?: { readonly lineNumber?: number } } | null;
}

interface TapResults {
  readonly ok: boolean;
  readonly failures: readonly TapFailure[];
}

/** Where tap keeps the root of a process's tests as it makes it: an internal member of @tapjs/core 4. */
const TAP_ROOT = Symbol.for('TAP private constructor');

/** Tells of the root of a process's tests as tap makes it. tap publishes nothing, and loads its plugins before a process begins. */
export function hearOfRoot(hear: (root: TapTest) => void): void {
  let root: TapTest | undefined = Reflect.get(globalThis, TAP_ROOT);
  if (root !== undefined) hear(root);
  Object.defineProperty(globalThis, TAP_ROOT, {
    configurable: true,
    get: () => root,
    set(made: TapTest) {
      root = made;
      hear(made);
    },
  });
}

/**
 * Makes a span of each test of tap below another, or below the root: wraps the body of each test. `beforeEach` and
 * `afterEach` run outside of the test.
 * @param around the span of the parent, which is not the active one where a test's body adds to the root
 */
export function traceTap(parent: TapTest, enter: EnterTest, around = (): TestSpan | null => null): void {
  parent.on('subtestAdd', (test) => {
    const body = test.options.cb;
    if (body === undefined || test.cb === undefined) return; // a process, or another stream of TAP
    const { fileName = process.argv[1] ?? '', lineNumber } = test.options.at ?? {};
    let span: TestSpan | null = null;
    const entered = function (this: unknown, ...args: unknown[]) {
      const start = {
        runner: 'tap',
        name: test.name,
        file: fileName,
        line: lineNumber,
        isSuite: false,
        execution: processExecution(),
      } as const;
      span = enter(start, around());
      return startThenable(body.apply(this, args));
    };
    test.cb = (...args) => test.hook.runInAsyncScope(entered, test.t ?? test, ...args);
    test.on('complete', ({ ok, failures }) => {
      if (ok) span?.end('pass');
      else span?.end('fail', failureOf(failures));
    });
    traceTap(test, enter, () => span);
  });
}

/** The first failed assertion, else the name of a failed subtest, which has no diagnosis. */
function failureOf(failures: readonly TapFailure[]): Error {
  const { name, diag } = failures.find(({ diag }) => diag?.stack !== undefined) ?? failures[0] ?? {};
  const error = new Error(name ?? 'failed');
  error.stack = `Error: ${error.message}\n${diag?.stack ?? ''}`;
  return error;
}
