import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../src/index.ts';
import { assertNoOrphans, createTestTelemetry } from '../../src/testing/index.ts';

const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => telemetry.reset());

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const remote = { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', traceFlags: 1, isRemote: true };

t.test('whole traces pass', async (t) => {
  withSpan('outer', {}, () => withSpan('inner', {}, () => {}));
  t.doesNotThrow(() => assertNoOrphans(telemetry.spans()));
});

t.test('a parent that never ended is named with its child', async (t) => {
  const open = trace.getTracer('test').startSpan('open');
  context.with(trace.setSpan(ROOT_CONTEXT, open), () => withSpan('inner', {}, () => {}));
  t.throws(() => assertNoOrphans(telemetry.spans()), {
    name: 'AssertionError',
    message: `inner (trace ${open.spanContext().traceId}): its parent ${open.spanContext().spanId} is missing`,
  });
  open.end();
  t.doesNotThrow(() => assertNoOrphans(telemetry.spans()));
});

t.test('a parent in another process may be missing, unless all were collected', async (t) => {
  context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => withSpan('entry', {}, () => {}));
  t.doesNotThrow(() => assertNoOrphans(telemetry.spans()));
  t.throws(() => assertNoOrphans(telemetry.spans(), { allowRemote: false }), {
    message: `its parent ${remote.spanId} is missing`,
  });
});

t.test('a parent in another trace is none', async (t) => {
  const { spanId } = withSpan('elsewhere', {}, (span) => span.spanContext());
  const stray = { traceId: TRACE_ID, spanId, traceFlags: 1, isRemote: true };
  context.with(trace.setSpanContext(ROOT_CONTEXT, stray), () => withSpan('lost', {}, () => {}));
  t.throws(() => assertNoOrphans(telemetry.spans()), { message: /lost .* is in another trace/ });
});
