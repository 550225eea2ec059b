import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, TracerProvider } from '@opentelemetry/api';
import { ProxyTracerProvider, ROOT_CONTEXT } from '@opentelemetry/api';
import { enterContext } from '../../common/enter-context.ts';
import { SCOPE_NAME } from '../../common/tracer.ts';
import type { JestArguments } from './jest.ts';
import { traceJest29, traceJest30 } from './jest.ts';
import type { RunnerClass } from './mocha.ts';
import { traceMocha } from './mocha.ts';
import { nodeTests } from './node-test.ts';
import type { Playwright } from './pages.ts';
import { tracePages } from './pages.ts';
import type { WorkerClass } from './playwright.ts';
import { tracePlaywright } from './playwright.ts';
import { hearOfRoot, traceTap } from './tap.ts';
import type { Attempts, EnterTest } from './test-span.ts';
import { endOpenTests, TestSpan } from './test-span.ts';

/** Where OpenTelemetry's API keeps what is registered. The API itself compares versions for each look: 5 µs for each test. */
const API = Symbol.for('opentelemetry.js.api.1');

/** The maker of the spans of a process's tests, whatever runs them. */
export function testsOf(provider: TracerProvider) {
  const tracer = provider.getTracer(SCOPE_NAME);
  /** Beside the context of OpenTelemetry's API: a test file may register telemetry of its own. */
  const active = new AsyncLocalStorage<TestSpan | undefined>();
  // Before telemetry ends all open spans.
  process.prependListener('beforeExit', endOpenTests);
  process.prependListener('exit', endOpenTests);
  const activate = (test: TestSpan | undefined, context: Context) => {
    active.enterWith(test);
    // Where the test file has registered telemetry of its own, the spans of the file are the file's alone.
    const registered = Reflect.get(Object(Reflect.get(globalThis, API)), 'trace');
    const isOwn = registered instanceof ProxyTracerProvider && registered.getDelegate() === provider;
    if (isOwn) enterContext(context);
  };
  const enter: EnterTest = (start, parent = active.getStore() ?? null) => {
    const test = new TestSpan(start, parent ?? undefined, tracer);
    activate(test, test.context);
    return test;
  };
  /** The attempt that began last, where one runs after the other. */
  let last: TestSpan | undefined;
  const attempts: Attempts = {
    enter(start) {
      last = enter(start, null);
      return last;
    },
    again: (test) => activate(test, test.context),
    leave() {
      last = undefined;
      activate(undefined, ROOT_CONTEXT);
    },
  };
  return {
    node: nodeTests(enter),
    hearOfTap: () => hearOfRoot((root) => traceTap(root, enter)),
    jest29: (folder: string, args: JestArguments, onLost: () => void) =>
      traceJest29(folder, args, attempts, onLost),
    jest30: (folder: string, args: JestArguments, onLost: () => void) =>
      traceJest30(folder, args, attempts, onLost),
    mocha: (Runner: RunnerClass) => traceMocha(Runner, attempts),
    playwright: (ProcessRunner: WorkerClass | undefined, tell: (error?: unknown) => void) =>
      tracePlaywright(ProcessRunner, attempts, tell),
    pages: (playwright: Playwright, onOther: (browsers: string) => void) =>
      tracePages(playwright, () => last?.context, onOther),
  };
}
