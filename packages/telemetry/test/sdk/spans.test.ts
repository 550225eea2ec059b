import type { Attributes, SpanContext } from '@opentelemetry/api';
import {
  defaultTextMapSetter,
  INVALID_SPANID,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { AlwaysOffSampler, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import t from 'tap';
import { TraceContextPropagator } from '../../src/context/traceparent.ts';
import type { SpanProcessor } from '../../src/opentelemetry/sdk.ts';
import { OpenSpans } from '../../src/spans/open-spans.ts';
import { createSampler } from '../../src/spans/sampler.ts';
import { ProcessTracerProvider } from '../../src/sdk/tracer-provider.ts';
import { withSpan } from '../../src/spans/with-span.ts';
import type { SamplerName } from '../../src/settings.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';
import { ask, parent } from '../sampling/support.ts';

const SAMPLER_NAMES: readonly SamplerName[] = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'consistent_probability',
  'parentbased_consistent_probability',
];

t.test('start attributes', async (t) => {
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
});

t.test('open spans', async (t) => {
  /** Open spans of a process that has these processors besides. */
  function start(t: { teardown(undo: () => unknown): unknown }, ...others: SpanProcessor[]) {
    const open = new OpenSpans();
    const telemetry = createTestTelemetry({ spanProcessors: [open, ...others] });
    t.teardown(() => telemetry.shutdown());
    return { open, spans: telemetry.spans };
  }

  const tracer = () => trace.getTracer('test');
  const forever = () => new Promise<void>(() => {});

  t.test('children end before their parents, and within them', async (t) => {
    const { open, spans } = start(t);
    void withSpan('outer', {}, () => withSpan('inner', {}, forever));
    withSpan('ended', {}, () => {});
    open.endAll();
    const [ended, inner, outer] = spans();
    t.strictSame([ended?.name, inner?.name, outer?.name], ['ended', 'inner', 'outer']);
    t.strictSame(ended?.attributes, {});
    t.ok((outer?.endTime ?? 0) >= (inner?.endTime ?? 0));
    t.match(inner, {
      status: { code: SpanStatusCode.ERROR, message: 'the process ended while this span was open' },
      attributes: { 'tandem.process_ended': true, 'error.type': 'process_ended' },
    });
    open.endAll();
    t.equal(spans().length, 3, 'each once');
  });

  t.test('a span that has failed already keeps its error', async (t) => {
    const { open, spans } = start(t);
    tracer().startSpan('done').setStatus({ code: SpanStatusCode.OK });
    tracer().startSpan('failed').setStatus({ code: SpanStatusCode.ERROR, message: 'mine' });
    open.endAll();
    t.match(spans(), [
      { name: 'failed', status: { message: 'mine' }, attributes: { 'error.type': undefined } },
      { name: 'done', status: { code: SpanStatusCode.OK } },
    ]);
  });

  t.test('an uncaught error is that of the open spans of its trace alone', async (t) => {
    const { open, spans } = start(t);
    void withSpan('another request', {}, forever);
    void withSpan('request', {}, () => {
      void withSpan('beside', {}, forever);
      withSpan('over', {}, () => setImmediate(() => open.recordUncaught(new RangeError('boom'))));
      return forever();
    });
    await new Promise(setImmediate);
    open.endAll();
    const failed = spans().filter(({ events }) => events.length > 0);
    t.strictSame(
      failed.map(({ name }) => name),
      ['beside', 'request'],
    );
    for (const span of failed)
      t.match(span, { status: { message: 'boom' }, attributes: { 'error.type': 'RangeError' } });
  });

  t.test('an unreadable error and a throwing processor do not keep other spans from ending', async (t) => {
    const throwing: SpanProcessor = {
      onStart() {},
      onEnd(span) {
        if (span.name === 'bad') throw new Error('cannot end');
      },
      async forceFlush() {},
      async shutdown() {},
    };
    const { open, spans } = start(t, throwing);
    for (const name of ['first', 'bad', 'last']) tracer().startSpan(name);
    const unreadable = Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('cannot be read');
      },
    });
    withSpan('active', {}, () => open.recordUncaught(unreadable));
    open.endAll();
    t.strictSame(
      spans().map(({ name }) => name),
      ['active', 'last', 'first'],
    );
  });

  t.test('the oldest of too many open spans are forgotten', async (t) => {
    const { open, spans } = start(t);
    const names = Array.from({ length: 30_000 }, (_, index) => String(index));
    for (const name of names) tracer().startSpan(name);
    open.endAll();
    t.ok(spans().length < 15_000, `${spans().length} were kept`);
    t.strictSame(
      spans()
        .map(({ name }) => name)
        .reverse(),
      names.slice(-spans().length),
    );
  });
});

t.test('samplers', async (t) => {
  const tracerOf = (sampler: Sampler) =>
    new ProcessTracerProvider({ sampler, spanProcessors: [] }).getTracer('test');

  t.test('every documented name makes its sampler', async (t) => {
    const described = (name: SamplerName, arg?: string) => `${createSampler(name, arg)}`;
    t.equal(described('always_on'), 'AlwaysOnSampler');
    t.equal(described('always_off'), 'AlwaysOffSampler');
    t.equal(described('traceidratio', '0.25'), 'TraceIdRatioBased{0.25}');
    t.equal(described('traceidratio'), 'TraceIdRatioBased{1}', 'without an argument everything');
    t.match(described('parentbased_always_on'), /^ParentBased\{root=AlwaysOnSampler/);
    t.match(described('parentbased_always_off'), /^ParentBased\{root=AlwaysOffSampler/);
    t.match(described('parentbased_traceidratio', '0.5'), /^ParentBased\{root=TraceIdRatioBased\{0.5\}/);
    t.equal(described('consistent_probability', '0.5'), 'ConsistentProbability{0.5}');
    t.equal(
      described('parentbased_consistent_probability', '1;/a=0'),
      'ParentBasedConsistentProbability{1;/a=0}',
    );
    t.match(`${createSampler()}`, /^ParentBased\{root=AlwaysOnSampler/, 'the default');
  });

  t.test("parent-based samplers keep the caller's decision, the others decide themselves", async (t) => {
    const decision = (name: SamplerName, sampled: boolean) =>
      ask(createSampler(name, '0'), { parent: parent({ sampled, remote: true }) }).sampled;
    t.equal(decision('parentbased_traceidratio', true), true);
    t.equal(decision('parentbased_always_on', false), false);
    t.equal(decision('parentbased_always_off', true), true);
    t.equal(decision('traceidratio', true), false);
    t.equal(decision('always_on', false), true);
  });

  t.test(
    'parent-based samplers keep the decision of a local span, and ignore an invalid parent',
    async (t) => {
      const isSampled = (name: SamplerName, spanContext: SpanContext) => {
        const tracer = tracerOf(createSampler(name, '0'));
        return tracer.startSpan('span', {}, trace.setSpanContext(ROOT_CONTEXT, spanContext)).isRecording();
      };
      for (const name of SAMPLER_NAMES.filter((each) => each.startsWith('parentbased_'))) {
        t.equal(isSampled(name, parent({ sampled: true, remote: false })), true, `${name}, sampled`);
        t.equal(isSampled(name, parent({ sampled: false, remote: false })), false, `${name}, not sampled`);
        const invalid = { ...parent({ sampled: true, remote: true }), spanId: INVALID_SPANID };
        t.equal(isSampled(name, invalid), name === 'parentbased_always_on', `${name}, an invalid parent`);
      }
    },
  );

  t.test(
    'with every sampler a trace that starts here has the random flag, one from outside keeps its own',
    async (t) => {
      const propagator = new TraceContextPropagator();
      for (const name of SAMPLER_NAMES) {
        const sent = (sampler: Sampler, flags?: number) => {
          const remote = { ...parent({ sampled: true, remote: true }), traceFlags: flags ?? 0 };
          const context = flags === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote);
          const tracer = tracerOf(sampler);
          const span = tracer.startSpan('root', {}, context);
          const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, span));
          const headers: Record<string, string> = {};
          propagator.inject(trace.setSpan(ROOT_CONTEXT, child), headers, defaultTextMapSetter);
          return headers.traceparent?.slice(-2);
        };
        const on = name.endsWith('always_off') ? '02' : '03';
        t.equal(sent(createSampler(name)), on, `${name}, a new trace`);
        t.match(sent(createSampler(name), 1), /^0[01]$/, `${name}, a caller's trace without the flag`);
      }
    },
  );
});
