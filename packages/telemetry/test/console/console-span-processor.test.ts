import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import t from 'tap';
import { ConsoleSpanProcessor } from '../../src/console/console-span-processor.ts';
import { withSpan } from '../../src/index.ts';
import { tracer } from '../../src/sdk/tracer.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';

const printed: string[] = [];
const telemetry = createTestTelemetry({
  serviceName: 'unit',
  spanProcessors: [new ConsoleSpanProcessor((text) => printed.push(text))],
});
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => {
  printed.length = 0;
});

t.test('prints a local tree once, when its root ends', async (t) => {
  withSpan('outer', {}, () => {
    withSpan('inner', {}, () => {});
    t.strictSame(printed, []);
  });
  t.equal(printed.length, 1);
  t.match(printed[0], /^trace [0-9a-f]{32} {2}unit\n {2}outer {2}[\d.]+ ms\n {4}inner {2}[\d.]+ ms\n$/);
});

t.test('a span under a remote parent is a local root', async (t) => {
  const remote = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceFlags: 1,
    isRemote: true,
  });
  tracer().startSpan('served', {}, remote).end();
  t.match(printed[0], new RegExp(`^trace ${'a'.repeat(32)}`));
});

t.test('an error is marked by a sign, and control characters cannot steer the terminal', async (t) => {
  t.throws(() =>
    withSpan('bad\u001b[31m', {}, () => {
      throw new RangeError('x');
    }),
  );
  t.match(printed[0], /bad�\[31m.* {2}! RangeError\n$/);
});

t.test('what still waits is printed on flush', async (t) => {
  const root = tracer().startSpan('root');
  tracer().startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root)).end();
  await telemetry.flush();
  t.match(printed[0], /\n {2}child {2}[\d.]+ ms\n$/);
  root.end();
});
