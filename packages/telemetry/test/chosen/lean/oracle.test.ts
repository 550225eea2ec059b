import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { SeededRandom, spansOf } from '@tandem/otlp/testing';
import t from 'tap';
import { sameLarge } from '../../../../../test/helpers/load/same-large.ts';
import { encode } from '../../../src/road/spans/serializer.ts';
import { optionsFrom, parentFrom, recorders, stepFrom, textFrom, timeFrom } from './oracle.ts';

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
  // No limits, though they are numbers.
  ...['0', '-1'].flatMap((limit) => [
    { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: limit },
    { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: limit, OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '8' },
  ]),
  {
    OTEL_ATTRIBUTE_COUNT_LIMIT: '-1',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '-1',
    OTEL_SPAN_LINK_COUNT_LIMIT: '-1',
    OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '-1',
    OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: '-1',
  },
  { OTEL_ATTRIBUTE_COUNT_LIMIT: '0', OTEL_SPAN_EVENT_COUNT_LIMIT: '0', OTEL_SPAN_LINK_COUNT_LIMIT: '0' },
];

const NO_STATUS = { message: '', code: 0 };

/**
 * The spans of a request, without ids (each span has new ids) and without attributes that have no value. An absent status is the
 * empty one, as proto3 has it.
 */
function sent(encoded: Uint8Array = new Uint8Array()): string {
  const decoded = spansOf(encoded);
  const facts = decoded.map((span) => ({
    ...span,
    ...{ traceId: '', spanId: '', traceState: '' },
    status: { ...NO_STATUS, ...Object(span).status },
  }));
  return JSON.stringify(facts, (key, value) =>
    key === 'attributes'
      ? value.filter((each: { value: object }) => Object.keys(each.value).length > 0)
      : value,
  );
}

t.test(`whatever is done to ${SPANS} spans, their OTLP is that of the official SDK`, async (t) => {
  for (let seed = 1; seed <= SPANS; seed++) {
    const random = new SeededRandom(seed);
    const both = recorders(random.pick(LIMITS));
    const [name, options, parent] = [textFrom(random), optionsFrom(random), parentFrom(random)];
    const [steps, after] = [STEPS_PER_SPAN, 3].map((length) =>
      Array.from({ length }, () => stepFrom(random)),
    );
    const end = timeFrom(random);
    const [lean = [], official = []] = [both.lean, both.official].map(({ tracer, spans }) => {
      const span = tracer.startSpan(name, options, parent);
      for (const step of steps ?? []) step(span);
      span.end(end);
      for (const step of after ?? []) step(span);
      span.end();
      return spans();
    });
    const expected = sent(ProtobufTraceSerializer.serializeRequest(official));
    const ours = sent(encode(lean));
    if (!t.equal(ours, expected, `seed ${seed}`)) break;
    const byOfficial = sent(ProtobufTraceSerializer.serializeRequest(lean));
    if (!t.equal(byOfficial, expected, `seed ${seed}, by the official serializer`)) break;
    sameLarge(
      t,
      [lean[0]?.duration, lean[0]?.ended],
      [official[0]?.duration, official[0]?.ended],
      'duration',
    );
  }
});
