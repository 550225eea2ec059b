import type { TracerProvider } from '@opentelemetry/api';
import { listenTo } from '../../common/channels.ts';
import type { InstrumentationParts } from '../../instrumentation.ts';
import { load } from '../../process/load.ts';
import type { NodeTest } from './node-test.ts';
import { hearOfRunners } from './runner-files.ts';
import type { testsOf } from './tests-of.ts';

/** A path that a test would have: `test/orders.ts`, `orders.spec.js`, `node_modules/tap/…`. */
const OF_TEST = /(?:^|[^a-z])(?:tap|tests?|spec)(?![a-z])/i;

/** Telemetry that makes spans. */
interface TracingParts extends InstrumentationParts {
  readonly provider: TracerProvider;
}

/**
 * Makes a trace of each test, until the process ends: of `node:test` and tap, of Jest, Mocha and Playwright. The spans are loaded
 * with the first test of `node:test`, with a file of a runner, and at once where TAP, which tap sets for its processes, or the
 * name of the program says that tap may run here.
 */
export function traceTests({ provider, log, settings }: TracingParts): void {
  let loaded: ReturnType<typeof testsOf> | undefined;
  const tests = () => (loaded ??= load<typeof import('./index.ts')>('tests').testsOf(provider));
  listenTo<NodeTest>({
    'tracing:node.test:start': (message) => tests().node.start(message),
    'tracing:node.test:end': (message) => tests().node.end(message),
  });
  hearOfRunners(tests, log, settings.browser);
  if (process.env.TAP || OF_TEST.test(process.argv[1] ?? '')) tests().hearOfTap();
}
