import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Test } from 'tap';
import t from 'tap';
import { baggageAttributes } from '../../src/context/baggage-attributes.ts';
import { environmentWithContext, withEnvironmentContext } from '../../src/context/environment-carrier.ts';
import { Propagator } from '../../src/context/propagator.ts';
import { withSpan } from '../../src/sdk/with-span.ts';
import type { PropagatorName } from '../../src/settings/index.ts';
import { createTestTelemetry } from '../../src/testing/test-telemetry.ts';

t.test('baggage attributes', async (t) => {
  function spansUnder(entries: Record<string, string>, keys: string[]) {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({
      spanProcessors: [baggageAttributes(keys), new SimpleSpanProcessor({ exporter: exporter })],
    });
    const tracer = provider.getTracer('test');
    const baggage = propagation.createBaggage(
      Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
    );
    const context = propagation.setBaggage(ROOT_CONTEXT, baggage);
    const parent = tracer.startSpan('parent', {}, context);
    tracer.startSpan('child', {}, trace.setSpan(context, parent)).end();
    parent.end();
    return exporter.getFinishedSpans();
  }

  t.test('listed baggage is on every span, other baggage on none', async (t) => {
    const spans = spansUnder({ 'user.id': '42', secret: 'x' }, ['user.id', 'tandem.scenario', 'user.id']);
    t.same(
      spans.map((span) => span.attributes),
      [{ 'user.id': '42' }, { 'user.id': '42' }],
    );
  });

  t.test('long values are cut, never within a character', async (t) => {
    const [plain] = spansUnder({ k: 'x'.repeat(5000) }, ['k']);
    t.equal(plain?.attributes.k, 'x'.repeat(256));
    const [pair] = spansUnder({ k: `${'x'.repeat(255)}\u{1F6B2}` }, ['k']);
    t.equal(pair?.attributes.k, 'x'.repeat(255));
  });

  t.test('without baggage nothing is added', async (t) => {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({
      spanProcessors: [baggageAttributes(['user.id']), new SimpleSpanProcessor({ exporter: exporter })],
    });
    provider.getTracer('test').startSpan('alone', {}, ROOT_CONTEXT).end();
    t.same(exporter.getFinishedSpans()[0]?.attributes, {});
  });
});

t.test('environment', async (t) => {
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
});
