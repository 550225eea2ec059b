import type { Attributes } from '@opentelemetry/api';
import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';
import { AlwaysOffSampler, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import t from 'tap';
import { createSampler } from '../../src/sdk/sampler.ts';
import { ProcessTracerProvider } from '../../src/sdk/tracer-provider.ts';

function start(sampler: Sampler = createSampler(), processors: SpanProcessor[] = []) {
  const exporter = new InMemorySpanExporter();
  const provider = new ProcessTracerProvider({
    sampler,
    spanLimits: { attributeCountLimit: 3 },
    spanProcessors: [...processors, new SimpleSpanProcessor({ exporter: exporter })],
  });
  const tracer = provider.getTracer('test', '1');
  return { tracer, spans: () => exporter.getFinishedSpans() };
}

t.test('spans have the attributes, links, kind and parent that they were started with', async (t) => {
  const { tracer, spans } = start();
  const parent = tracer.startSpan('parent');
  const list = ['a', 'b'];
  const started = tracer.startSpan(
    'child',
    {
      kind: SpanKind.CLIENT,
      links: [{ context: parent.spanContext() }],
      attributes: { list, 'http.request.method': 'GET', missing: undefined },
    },
    trace.setSpan(ROOT_CONTEXT, parent),
  );
  list.push('later');
  started.end();
  tracer.startSpan('root', { root: true }, trace.setSpan(ROOT_CONTEXT, parent)).end();
  const [child, root] = spans();
  t.same(child?.attributes, { list: ['a', 'b'], 'http.request.method': 'GET' });
  t.equal(child?.kind, SpanKind.CLIENT);
  t.equal(child?.parentSpanContext?.spanId, parent.spanContext().spanId);
  t.equal(child?.links[0]?.context.spanId, parent.spanContext().spanId);
  t.equal(root?.parentSpanContext, undefined);
});

t.test('the sampler and every processor see them when the span starts', async (t) => {
  const seen: unknown[] = [];
  const sampler: Sampler = {
    shouldSample(...args) {
      seen.push({ ...args[4] });
      return createSampler().shouldSample(...args);
    },
  };
  const processor: SpanProcessor = {
    onStart: (span) => void seen.push({ ...(span as typeof span & { attributes: Attributes }).attributes }),
    onEnd() {},
    async forceFlush() {},
    async shutdown() {},
  };
  start(sampler, [processor]).tracer.startSpan('span', { attributes: { 'http.route': '/a' } });
  t.same(seen, [{ 'http.route': '/a' }, { 'http.route': '/a' }]);
});

t.test('attributes beyond the limit are dropped and counted', async (t) => {
  const { tracer, spans } = start();
  tracer.startSpan('span', { attributes: { a: 1, b: 2, c: 3, d: 4, e: 5 } }).end();
  t.same(spans()[0]?.attributes, { a: 1, b: 2, c: 3 });
  t.equal(spans()[0]?.droppedAttributesCount, 2);
});

t.test('the attributes of a span that is not sampled do not get to the next one', async (t) => {
  const off = new AlwaysOffSampler();
  const on = createSampler();
  let isOn = false;
  const sampler: Sampler = {
    shouldSample: (...args) => (isOn ? on.shouldSample(...args) : off.shouldSample()),
  };
  const { tracer, spans } = start(sampler);
  const dropped = tracer.startSpan('dropped', { attributes: { secret: true } });
  t.equal(dropped.spanContext().traceFlags, TraceFlags.NONE);
  isOn = true;
  tracer.startSpan('kept').end();
  t.same(spans()[0]?.attributes, {});
});

t.test('a processor may start a span while another starts', async (t) => {
  let isNested = false;
  const { tracer, spans } = start(createSampler(), [
    {
      onStart() {
        if (isNested) return;
        isNested = true;
        tracer.startSpan('inner').end();
      },
      onEnd() {},
      async forceFlush() {},
      async shutdown() {},
    },
  ]);
  tracer.startSpan('outer', { attributes: { a: 1 } }).end();
  t.same(
    spans().map(({ name, attributes }) => [name, attributes]),
    [
      ['inner', {}],
      ['outer', { a: 1 }],
    ],
  );
});
