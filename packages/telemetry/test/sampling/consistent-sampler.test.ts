import { defaultTextMapSetter, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { TraceContextPropagator } from '../../src/context/traceparent.ts';
import { consistentSampler } from '../../src/sampling/consistent-sampler.ts';
import { ask, parent, TRACE_ID } from './support.ts';

const independent = (rates: string) => consistentSampler({ rates, parentBased: false });
const parentBased = (rates: string) => consistentSampler({ rates, parentBased: true });

t.test('a new trace is kept by the random bits of its id, and says how likely that was', async (t) => {
  t.same(ask(parentBased('0.5')), { sampled: true, rate: 2, tracestate: 'ot=th:8' }, 'just kept');
  t.same(ask(parentBased('0.25')), { sampled: false, rate: undefined, tracestate: '' });
  t.same(ask(parentBased('1')), { sampled: true, rate: 1, tracestate: 'ot=th:0' });
  const last = { traceId: '0000000000000000f0ffffffffffffff' };
  t.same(ask(parentBased('0.1'), last), { sampled: true, rate: 10, tracestate: 'ot=th:e666' });
  t.same(ask(parentBased('0'), last), { sampled: false, rate: undefined, tracestate: '' });
});

t.test('a route has its own rate', async (t) => {
  const sampler = parentBased('1;GET /quiet=0.25;GET /never=0');
  t.match(ask(sampler, { name: 'GET /quiet' }), { sampled: false });
  t.match(ask(sampler, { name: 'GET /never', traceId: 'f'.repeat(32) }), { sampled: false });
  t.match(ask(sampler, { name: 'GET /other' }), { sampled: true, rate: 1 });
  const last = { traceId: 'f'.repeat(32), name: 'GET', attributes: { 'http.route': '/quiet' } };
  t.match(ask(parentBased('1;/quiet=0.25'), last), { rate: 4, tracestate: 'ot=th:c' });
});

t.test('parent-based: the decision of the caller holds and its threshold is carried on', async (t) => {
  const sampler = parentBased('0.01');
  const follow = (sampled: boolean, tracestate?: string) =>
    ask(sampler, { parent: parent({ sampled, remote: true, ...(tracestate ? { tracestate } : {}) }) });
  t.same(follow(true, 'ot=th:8,a=1'), { sampled: true, rate: 2, tracestate: 'ot=th:8,a=1' });
  t.same(follow(true), { sampled: true, rate: undefined, tracestate: '' }, 'unknown probability, no rate');
  t.same(follow(true, 'a=1'), { sampled: true, rate: undefined, tracestate: 'a=1' });
  t.same(follow(false), { sampled: false, rate: undefined, tracestate: '' });
  t.same(follow(false, 'ot=rv:ffffffffffffff'), {
    sampled: false,
    rate: undefined,
    tracestate: 'ot=rv:ffffffffffffff',
  });
});

t.test('parent-based: a threshold that disagrees with the flag is erased, the rest kept', async (t) => {
  const sampler = parentBased('1');
  for (const [sampled, tracestate, expected] of [
    [true, 'ot=th:c;k:1,a=1', 'ot=k:1,a=1'],
    [true, 'ot=th:nonsense,a=1', 'a=1'],
    [true, 'ot=rv:00000000000001;th:8', 'ot=rv:00000000000001'],
    [false, 'ot=th:c,a=1', 'a=1'],
    [false, 'ot=th:0', ''],
  ] as const) {
    const outcome = ask(sampler, { parent: parent({ sampled, remote: true, tracestate }) });
    t.same(outcome, { sampled, rate: undefined, tracestate: expected }, tracestate);
  }
});

t.test('independent: the own rate decides whatever the caller did', async (t) => {
  const kept = (sampled: boolean, tracestate: string) =>
    ask(independent('0.5'), { parent: parent({ sampled, remote: true, tracestate }) });
  t.same(kept(false, 'a=1'), { sampled: true, rate: 2, tracestate: 'ot=th:8,a=1' });
  t.same(kept(true, 'a=1,ot=th:4;k:1'), { sampled: true, rate: 2, tracestate: 'ot=th:8;k:1,a=1' });
  const dropped = ask(independent('0.1'), {
    parent: parent({ sampled: true, remote: true, tracestate: 'a=1,ot=th:8;k:1' }),
  });
  t.same(
    dropped,
    { sampled: false, rate: undefined, tracestate: 'ot=k:1,a=1' },
    'what is dropped carries none',
  );
});

t.test('explicit randomness goes before the trace id and is never changed', async (t) => {
  const remote = parent({ sampled: false, remote: true, tracestate: 'ot=rv:f0000000000000' });
  t.same(ask(independent('0.1'), { parent: remote }), {
    sampled: true,
    rate: 10,
    tracestate: 'ot=th:e666;rv:f0000000000000',
  });
  const low = parent({ sampled: true, remote: true, tracestate: 'ot=rv:00000000000000' });
  t.same(ask(independent('0.5'), { parent: low }), {
    sampled: false,
    rate: undefined,
    tracestate: 'ot=rv:00000000000000',
  });
});

t.test(
  'a span follows its parent in the same process, also where its own route says otherwise',
  async (t) => {
    for (const sampler of [independent('0'), parentBased('0'), independent('1'), parentBased('1')]) {
      const sampled = parent({ sampled: true, remote: false, tracestate: 'ot=th:8' });
      t.same(ask(sampler, { parent: sampled }), { sampled: true, rate: 2, tracestate: 'ot=th:8' });
      const dropped = parent({ sampled: false, remote: false });
      t.same(ask(sampler, { parent: dropped }), { sampled: false, rate: undefined, tracestate: '' });
    }
  },
);

t.test('whoever keeps more keeps all that others keep', async (t) => {
  const random = new SeededRandom(3);
  const samplers = [0.02, 0.1, 0.5, 0.9].map((p) => independent(`${p}`));
  for (let i = 0; i < 2000; i++) {
    const traceId = random.text('0123456789abcdef', 32);
    const kept = samplers.map((sampler) => ask(sampler, { traceId }).sampled);
    if (kept.join() !== [...kept].sort().join()) t.fail(`${traceId}: ${kept}`);
  }
  t.pass('2000 traces');
});

t.test('the rates of all kept traces add up to the traffic', async (t) => {
  const random = new SeededRandom(4);
  const sampler = parentBased('0.3');
  let sum = 0;
  for (let i = 0; i < 20_000; i++)
    sum += Number(ask(sampler, { traceId: random.text('0123456789abcdef', 32) }).rate ?? 0);
  t.ok(Math.abs(sum / 20_000 - 1) < 0.04, `${sum} of 20000`);
});

t.test(
  'with the SDK: every span of a trace has the rate and the threshold, and headers the random flag',
  async (t) => {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({
      sampler: parentBased('0.5'),
      idGenerator: { generateTraceId: () => TRACE_ID, generateSpanId: () => 'b7ad6b7169203331' },
      spanProcessors: [new SimpleSpanProcessor({ exporter: exporter })],
    });
    t.teardown(() => provider.shutdown());
    const tracer = provider.getTracer('test');
    const root = tracer.startSpan('root');
    const context = trace.setSpan(ROOT_CONTEXT, root);
    const child = tracer.startSpan('child', {}, context);
    child.end();
    root.end();
    for (const span of exporter.getFinishedSpans()) {
      t.equal(span.attributes.SampleRate, 2, span.name);
      t.equal(span.spanContext().traceState?.serialize(), 'ot=th:8', span.name);
    }
    const headers = {};
    new TraceContextPropagator().inject(trace.setSpan(ROOT_CONTEXT, child), headers, defaultTextMapSetter);
    t.same(headers, { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-03`, tracestate: 'ot=th:8' });
  },
);

t.test('says what it is', async (t) => {
  t.equal(`${independent('0.1')}`, 'ConsistentProbability{0.1}');
  t.equal(`${parentBased('0.1;/a=1')}`, 'ParentBasedConsistentProbability{0.1;/a=1}');
});
