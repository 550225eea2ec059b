import type { TracerProvider } from '@opentelemetry/api';
import { listenTo } from '../../common/channels.ts';
import { load } from '../../process/load.ts';
import type { NodeTest } from './node-test.ts';
import type { testsOf } from './tests-of.ts';

/** A path that a test would have: `test/orders.ts`, `orders.spec.js`, `node_modules/tap/…`. */
const OF_TEST = /(?:^|[^a-z])(?:tap|tests?|spec)(?![a-z])/i;

/**
 * Makes a trace of each test of `node:test` and tap, until the process ends. The spans are loaded with the first test of
 * `node:test`, and at once where TAP, which tap sets for its processes, or the name of the program says that tap may run here.
 */
export function traceTests(provider: TracerProvider): void {
  let loaded: ReturnType<typeof testsOf> | undefined;
  const tests = () => (loaded ??= load('tests').testsOf(provider));
  listenTo<NodeTest>({
    'tracing:node.test:start': (message) => tests().node.start(message),
    'tracing:node.test:end': (message) => tests().node.end(message),
  });
  if (process.env.TAP || OF_TEST.test(process.argv[1] ?? '')) tests().hearOfTap();
}
