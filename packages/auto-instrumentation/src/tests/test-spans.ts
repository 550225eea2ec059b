import { AsyncLocalStorage } from 'node:async_hooks';
import type { Tracer, TracerProvider } from '@opentelemetry/api';
import { ProxyTracerProvider, trace } from '@opentelemetry/api';
import { enterContext, SCOPE_NAME } from '@tandem/http-spans';
import type { TestStart } from './test-span.ts';
import { endOpenTests, TestSpan } from './test-span.ts';

/** The tests of this process, whatever runs them. */
export class TestSpans {
  /** Beside the context of OpenTelemetry's API: a test file may register telemetry of its own. */
  readonly #active = new AsyncLocalStorage<TestSpan>();
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor(provider: TracerProvider) {
    this.#provider = provider;
    this.#tracer = provider.getTracer(SCOPE_NAME);
    // Before telemetry ends all open spans.
    process.prependListener('beforeExit', endOpenTests);
    process.prependListener('exit', endOpenTests);
  }

  /**
   * Starts the span of a test, and makes its context active in the rest of the running callback and in everything that the
   * callback starts. Where the test file has registered telemetry of its own, the spans of the file are the file's alone.
   *
   * @param parent the suite or test around, where the runner tells it; otherwise the active one
   */
  enter(start: TestStart, parent: TestSpan | null = this.#active.getStore() ?? null): TestSpan {
    const test = new TestSpan(start, parent ?? undefined, this.#tracer);
    this.#active.enterWith(test);
    const registered = trace.getTracerProvider();
    const isOwn = registered instanceof ProxyTracerProvider && registered.getDelegate() === this.#provider;
    if (isOwn) enterContext(test.context);
    return test;
  }
}
