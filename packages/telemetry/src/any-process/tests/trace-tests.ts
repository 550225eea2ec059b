import type { TracerProvider } from '@opentelemetry/api';
import { listenTo } from '../../api/channels.ts';
import { loadEntry } from '../../settings/optional-package.ts';
import type * as Tests from './index.ts';
import type { NodeTest } from './node-test.ts';
import type { TapTest } from './tap.ts';

/** Where tap keeps the root of a process's tests as it makes it: an internal member of @tapjs/core 4. */
const TAP_ROOT = Symbol.for('TAP private constructor');

/**
 * Makes a trace of each test of `node:test` and tap, until the process ends. The spans are loaded with the first test. tap
 * publishes nothing, and loads its plugins before a process begins, so this hears of the root of the tests as tap makes it.
 */
export function traceTests(provider: TracerProvider): void {
  const part = () => loadEntry<typeof Tests>('tests');
  let loaded: ReturnType<typeof Tests.testsOf> | undefined;
  const tests = () => (loaded ??= part().testsOf(provider));
  listenTo<NodeTest>({
    'tracing:node.test:start': (message) => tests().node.start(message),
    'tracing:node.test:end': (message) => tests().node.end(message),
  });
  let root: TapTest | undefined = Reflect.get(globalThis, TAP_ROOT);
  if (root !== undefined) tests().tap(root);
  Object.defineProperty(globalThis, TAP_ROOT, {
    configurable: true,
    get: () => root,
    set(made: TapTest) {
      root = made;
      tests().tap(made);
    },
  });
}
