import type { TimeInput } from '@opentelemetry/api';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { SeededRandom, spansOf } from '@tandem/otlp/testing';
import t from 'tap';
import { sameLarge } from '../../../../test/helpers/same-large.ts';
import { leanEngine } from '../../src/lean/engine.ts';
import { attributesFrom, linkFrom, recorders, stepFrom, TIMES } from './oracle.ts';

const SPANS = 300;
const STEPS_PER_SPAN = 25;

/** Limits of spans, as the environment sets them. */
const LIMITS: Record<string, string>[] = [
  {},
  { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '8' },
  {
    OTEL_SPAN_EVENT_COUNT_LIMIT: '2',
    OTEL_SPAN_LINK_COUNT_LIMIT: '1',
    OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '1',
    OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: '1',
  },
  { OTEL_ATTRIBUTE_COUNT_LIMIT: '0', OTEL_SPAN_EVENT_COUNT_LIMIT: '0', OTEL_SPAN_LINK_COUNT_LIMIT: '0' },
];

/** The spans of a request, without ids (each span has new ids) and without attributes that have no value. */
function sent(serializer: typeof ProtobufTraceSerializer, spans: ReadableSpan[]): string {
  const decoded = spansOf(serializer.serializeRequest(spans) ?? new Uint8Array());
  const facts = decoded.map((span) => ({ ...span, traceId: '', spanId: '', traceState: '' }));
  return JSON.stringify(facts, (key, value) =>
    key === 'attributes'
      ? value.filter((each: { value: object }) => Object.keys(each.value).length > 0)
      : value,
  );
}

t.test(`whatever is done to ${SPANS} spans, their OTLP is that of the official SDK`, async (t) => {
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: 'c'.repeat(32),
    spanId: 'd'.repeat(16),
    traceFlags: 1,
    isRemote: true,
  });
  for (let seed = 1; seed <= SPANS; seed++) {
    const random = new SeededRandom(seed);
    const options = {
      kind: random.pick([SpanKind.CLIENT, SpanKind.INTERNAL]),
      attributes: attributesFrom(random),
      links: [linkFrom(random)],
      startTime: [1_600_000_000, 7] as TimeInput,
    };
    const both = recorders(random.pick(LIMITS));
    const under = random.pick([ROOT_CONTEXT, parent]);
    const steps = Array.from({ length: STEPS_PER_SPAN }, () => stepFrom(random));
    const after = Array.from({ length: 3 }, () => stepFrom(random));
    const [lean = [], official = []] = [both.lean, both.official].map(({ tracer, spans }) => {
      const span = tracer.startSpan('span', options, under);
      for (const step of steps) step(span);
      span.end(TIMES[0]);
      for (const step of after) step(span);
      span.end();
      return spans();
    });
    const expected = sent(ProtobufTraceSerializer, official);
    const ours = sent(leanEngine.serializer ?? ProtobufTraceSerializer, lean);
    if (!t.equal(ours, expected, `seed ${seed}`)) break;
    const byOfficial = sent(ProtobufTraceSerializer, lean);
    if (!t.equal(byOfficial, expected, `seed ${seed}, by the official serializer`)) break;
    sameLarge(
      t,
      [lean[0]?.duration, lean[0]?.ended],
      [official[0]?.duration, official[0]?.ended],
      'duration',
    );
  }
});
