import { context, propagation, trace } from '@opentelemetry/api';
import type { Test } from 'tap';
import t from 'tap';
import { environmentWithContext, withEnvironmentContext } from '../../src/context/environment-carrier.ts';
import { Propagator } from '../../src/context/propagator.ts';
import { withSpan } from '../../src/sdk/with-span.ts';
import type { PropagatorName } from '../../src/settings/propagators.ts';
import { createTestTelemetry } from '../../src/testing/test-telemetry.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;

function startTelemetry(t: Test, names: readonly PropagatorName[] = ['tracecontext', 'baggage']) {
  const telemetry = createTestTelemetry({ propagator: new Propagator(names) });
  t.teardown(() => telemetry.shutdown());
  return telemetry;
}

t.test('a span in the context of the environment is a child of who started the process', async (t) => {
  const telemetry = startTelemetry(t);
  const baggage = withEnvironmentContext(
    () => withSpan('seed', {}, () => propagation.getActiveBaggage()?.getEntry('user.id')?.value),
    { TRACEPARENT, TRACESTATE: 'vendor=1', BAGGAGE: 'user.id=andrew' },
  );
  const [span] = telemetry.spans();
  t.equal(span?.spanContext().traceId, TRACE_ID);
  t.match(span?.parentSpanContext, { spanId: PARENT_ID, isRemote: true });
  t.equal(span?.spanContext().traceState?.serialize(), 'vendor=1');
  t.equal(baggage, 'andrew');
});

t.test('what is malformed is left out: the span begins a trace', async (t) => {
  const telemetry = startTelemetry(t);
  for (const value of ['', 'nonsense', `00-${'0'.repeat(32)}-${PARENT_ID}-01`])
    withEnvironmentContext(() => withSpan('alone', {}, () => {}), { TRACEPARENT: value });
  withEnvironmentContext(() => withSpan('alone', {}, () => {}), {});
  t.strictSame(
    telemetry.spans().map(({ parentSpanContext }) => parentSpanContext),
    [undefined, undefined, undefined, undefined],
  );
});

t.test('other propagators have variables of their own names', async (t) => {
  const telemetry = startTelemetry(t, ['b3multi']);
  const environment = withEnvironmentContext(
    () => withSpan('step', {}, () => environmentWithContext({ PATH: '/bin' })),
    { X_B3_TRACEID: TRACE_ID, X_B3_SPANID: PARENT_ID, X_B3_SAMPLED: '1' },
  );
  const [span] = telemetry.spans();
  t.equal(span?.parentSpanContext?.spanId, PARENT_ID);
  t.match(environment, { PATH: '/bin', X_B3_TRACEID: TRACE_ID, X_B3_SPANID: span?.spanContext().spanId });
});

t.test(
  'a process that is started gets the active context, and not the one that came with ours',
  async (t) => {
    const telemetry = startTelemetry(t);
    const started = { TRACEPARENT, TRACESTATE: 'vendor=1', BAGGAGE: 'a=b', PATH: '/bin' };
    const environment = withSpan('root', {}, () => environmentWithContext(started));
    const [span] = telemetry.spans();
    const { traceId, spanId } = span?.spanContext() ?? {};
    t.match(environment.TRACEPARENT, new RegExp(`^00-${traceId}-${spanId}-0[13]$`));
    t.equal(environment.PATH, '/bin');
    t.notOk('BAGGAGE' in environment, 'no baggage of before');
    t.notOk('TRACESTATE' in environment, 'no state of another trace');
    t.equal(started.TRACEPARENT, TRACEPARENT, 'what was given is not changed');
    t.equal(trace.getSpan(context.active()), undefined);
  },
);
