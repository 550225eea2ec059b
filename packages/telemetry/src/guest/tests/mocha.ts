import { env } from 'node:process';
import { asOriginal } from '../../common/as-original.ts';
import { quietly } from '../../common/quietly.ts';
import type { Execution } from './execution.ts';
import { newExecution, processExecution } from './execution.ts';
import type { Attempts, TestSpan } from './test-span.ts';

/** The used members of Mocha's tests and hooks. */
interface Runnable {
  readonly title: string;
  readonly file?: string;
  readonly parent?: { titlePath(): string[] };
  isPending(): boolean;
  currentRetry(): number;
}

/** The used members of what runs files of tests once. */
interface Runner {
  emit(event: string, runnable?: Runnable, error?: unknown): boolean;
  /** Tells the tests of other processes. */
  isParallelMode?(): boolean;
  run?(done: unknown, more?: { readonly options?: { readonly watch?: boolean } }): unknown;
}

/** What Mocha's `lib/runner.js` exports. */
export interface RunnerClass {
  readonly prototype: Runner;
  readonly constants?: Readonly<Record<string, string>>;
}

/** The events that a test begins and ends with, by the names that Mocha's constants have for them. */
const EVENTS = {
  EVENT_TEST_BEGIN: 'test',
  EVENT_TEST_FAIL: 'fail',
  EVENT_TEST_RETRY: 'retry',
  EVENT_HOOK_BEGIN: 'hook',
  EVENT_SUITE_BEGIN: 'suite',
  EVENT_SUITE_END: 'suite end',
  EVENT_RUN_END: 'end',
};

/** The beginning of the titles of hooks that belong to no test. */
const OF_SUITE = /^"(?:before|after) all" hook/;

/** An attempt that runs, or whose `afterEach` hooks run. */
interface Running {
  readonly test: Runnable;
  readonly span: TestSpan;
  failure?: { readonly error: unknown };
}

/**
 * Makes a span of each attempt of a test of Mocha 11, from its `beforeEach` hooks to its `afterEach` hooks. Mocha emits `test`
 * before the hooks in the chain of callbacks that runs them, so what a listener enters there is active in all of them.
 * A `fail` of a hook `afterEach` is the attempt's, too.
 *
 * @throws Error that says what is not there
 */
export function traceMocha(Runner: RunnerClass, { enter, again, leave }: Attempts): void {
  const { emit, run } = Runner.prototype;
  const missing = Object.entries(EVENTS).find(([name, event]) => Runner.constants?.[name] !== event);
  if (missing !== undefined) throw new Error(`Runner.constants has no ${missing[0]}`);
  if (typeof emit !== 'function') throw new Error('Runner has no emit');
  const running = new WeakMap<Runner, Running>();
  const executions = new WeakMap<Runner, Execution>();
  const end = (runner: Runner) => {
    const found = running.get(runner);
    running.delete(runner);
    leave();
    if (found === undefined) return;
    const { test, span, failure } = found;
    if (failure !== undefined) span.end('fail', failure.error);
    else span.end(test.isPending() ? 'skip' : 'pass');
  };
  const begin = (runner: Runner, test: Runnable) => {
    end(runner);
    const span = enter({
      runner: 'mocha',
      name: test.title,
      suites: test.parent?.titlePath() ?? [],
      file: test.file ?? process.argv[1] ?? '',
      isSuite: false,
      attempt: test.currentRetry(),
      worker: env.MOCHA_WORKER_ID,
      execution: executions.get(runner),
    });
    running.set(runner, { test, span });
  };
  const hear = (runner: Runner, event: string, runnable: Runnable | undefined, error: unknown) => {
    if (
      event === EVENTS.EVENT_SUITE_BEGIN ||
      event === EVENTS.EVENT_SUITE_END ||
      event === EVENTS.EVENT_RUN_END
    )
      return end(runner);
    if (runnable === undefined) return;
    if (event === EVENTS.EVENT_TEST_BEGIN) return begin(runner, runnable);
    const found = running.get(runner);
    if (event === EVENTS.EVENT_HOOK_BEGIN) {
      // Whoever called the callback of the test or hook before may be in a context of its own.
      if (OF_SUITE.test(runnable.title)) end(runner);
      else if (found !== undefined) again(found.span);
    } else if (found !== undefined && (event === EVENTS.EVENT_TEST_FAIL || event === EVENTS.EVENT_TEST_RETRY))
      found.failure ??= { error };
  };
  const heard = function (this: Runner, ...args: Parameters<Runner['emit']>) {
    const [event, runnable, error] = args;
    quietly(() => {
      if (this.isParallelMode?.() !== true) hear(this, event, runnable, error);
    });
    return Reflect.apply(emit, this, args);
  };
  Runner.prototype.emit = asOriginal(heard, emit);
  if (typeof run !== 'function') return;
  const begun: typeof run = function (this: Runner, ...args) {
    quietly(() => {
      const isWatching = args[1]?.options?.watch === true;
      const execution = isWatching ? newExecution() : processExecution();
      if (execution !== undefined) executions.set(this, execution);
    });
    return Reflect.apply(run, this, args);
  };
  Runner.prototype.run = asOriginal(begun, run);
}
