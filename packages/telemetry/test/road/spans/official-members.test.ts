import type { HrTime, TimeInput } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import t from 'tap';
import type { SdkSpan } from '../../../src/road/spans/official-members.ts';
import { samplingOf } from '../../../src/road/spans/official-members.ts';

t.test('UndiciInstrumentation has the handlers that are overridden', async (t) => {
  for (const name of ['onRequestCreated', 'onRequestHeaders', 'onDone', 'onError'])
    t.type(Reflect.get(UndiciInstrumentation.prototype, name), 'function', name);
});

t.test('an exporter has a delegate with the serializer that is replaced', async (t) => {
  for (const Exporter of [OTLPTraceExporter, OTLPLogExporter]) {
    const { _delegate: delegate } = Object(new Exporter());
    t.type(delegate._serializer.serializeRequest, 'function', Exporter.name);
    t.type(delegate._serializer.deserializeResponse, 'function', Exporter.name);
  }
});

/** After the start of every span. */
const LATE: HrTime = [4_000_000_000, 3];

t.test('a span of the SDK takes its times from `_getTime`', async (t) => {
  const span: SdkSpan = new NodeTracerProvider().getTracer('test').startSpan('a');
  t.type(span._getTime, 'function');
  const asked: (TimeInput | undefined)[] = [];
  span._getTime = (time) => {
    asked.push(time);
    return LATE;
  };
  span.addEvent('event', 7);
  span.end(8);
  t.same(asked, [7, 8]);
  t.match(span, { endTime: LATE, events: [{ time: LATE }] });
});

t.test('a tracer of the SDK has `_sampler` and `_spanLimits`', async (t) => {
  const sampler = new AlwaysOffSampler();
  const provider = new NodeTracerProvider({ sampler, spanLimits: { eventCountLimit: 5 } });
  const sampling = samplingOf(provider.getTracer('test'));
  t.equal(sampling.sampler, sampler);
  t.match(sampling.limits, { eventCountLimit: 5, attributeCountLimit: 128 });
});
