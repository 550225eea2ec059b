import { AsyncLocalStorage } from 'node:async_hooks';
import type { TracerProvider } from '@opentelemetry/api';
import { ProxyTracerProvider } from '@opentelemetry/api';
import { enterContext } from '../../common/enter-context.ts';
import { SCOPE_NAME } from '../../common/tracer.ts';
import { nodeTests } from './node-test.ts';
import { hearOfRoot, traceTap } from './tap.ts';
import type { EnterTest } from './test-span.ts';
import { endOpenTests, TestSpan } from './test-span.ts';

/** Where OpenTelemetry's API keeps what is registered. The API itself compares versions for each look: 5 µs for each test. */
const API = Symbol.for('opentelemetry.js.api.1');

/** The maker of the spans of a process's tests, whatever runs them. */
export function testsOf(provider: TracerProvider) {
  const tracer = provider.getTracer(SCOPE_NAME);
  /** Beside the context of OpenTelemetry's API: a test file may register telemetry of its own. */
  const active = new AsyncLocalStorage<TestSpan>();
  // Before telemetry ends all open spans.
  process.prependListener('beforeExit', endOpenTests);
  process.prependListener('exit', endOpenTests);
  const enter: EnterTest = (start, parent = active.getStore() ?? null) => {
    const test = new TestSpan(start, parent ?? undefined, tracer);
    active.enterWith(test);
    // Where the test file has registered telemetry of its own, the spans of the file are the file's alone.
    const registered = Reflect.get(Object(Reflect.get(globalThis, API)), 'trace');
    const isOwn = registered instanceof ProxyTracerProvider && registered.getDelegate() === provider;
    if (isOwn) enterContext(test.context);
    return test;
  };
  return { node: nodeTests(enter), hearOfTap: () => hearOfRoot((root) => traceTap(root, enter)) };
}
