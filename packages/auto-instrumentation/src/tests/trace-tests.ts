import type { TracerProvider } from '@opentelemetry/api';
import { traceNodeTests } from './node-test.ts';
import { traceTap } from './tap.ts';
import { TestSpans } from './test-spans.ts';

/** Makes a trace of each test of `node:test` and tap, until the process ends. */
export function traceTests(provider: TracerProvider): void {
  const tests = new TestSpans(provider);
  traceNodeTests(tests);
  traceTap(tests);
}
