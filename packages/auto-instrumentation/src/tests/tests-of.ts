import type { TracerProvider } from '@opentelemetry/api';
import { nodeTests } from './node-test.ts';
import type { TapTest } from './tap.ts';
import { traceTap } from './tap.ts';
import { TestSpans } from './test-spans.ts';

/** The maker of the spans of a process's tests. */
export function testsOf(provider: TracerProvider) {
  const tests = new TestSpans(provider);
  return { node: nodeTests(tests), tap: (root: TapTest) => traceTap(root, tests) };
}
