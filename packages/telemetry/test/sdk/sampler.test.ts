import type { SpanContext } from '@opentelemetry/api';
import { defaultTextMapSetter, INVALID_SPANID, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';
import t from 'tap';
import { TraceContextPropagator } from '../../src/context/traceparent.ts';
import { createSampler } from '../../src/sdk/sampler.ts';
import { ProcessTracerProvider } from '../../src/sdk/tracer-provider.ts';
import type { SamplerName } from '../../src/settings/sampler.ts';
import { SAMPLER_NAMES } from '../../src/settings/sampler.ts';
import { ask, parent } from '../sampling/support.ts';

const tracerOf = (sampler: Sampler) =>
  new ProcessTracerProvider({ sampler, spanProcessors: [] }).getTracer('test');

t.test('every name makes the sampler that it says', async (t) => {
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

t.test('parent-based ones keep the decision of the caller, the others make their own', async (t) => {
  const decision = (name: SamplerName, sampled: boolean) =>
    ask(createSampler(name, '0'), { parent: parent({ sampled, remote: true }) }).sampled;
  t.equal(decision('parentbased_traceidratio', true), true);
  t.equal(decision('parentbased_always_on', false), false);
  t.equal(decision('parentbased_always_off', true), true);
  t.equal(decision('traceidratio', true), false);
  t.equal(decision('always_on', false), true);
});

t.test(
  'parent-based ones keep the decision of a span of this process, and take an invalid parent for none',
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
