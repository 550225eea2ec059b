import type {
  Attributes,
  AttributeValue,
  Link,
  SpanContext,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api';
import { createTraceState, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { SeededRandom } from '@tandem/otlp/testing';

/** The SDK's own spans, with everything that a span can carry. One seed always gives the same spans. */
export function generateSpans(seed: number, count: number): ReadableSpan[] {
  const numbers = new SeededRandom(seed);
  const random = () => numbers.next();
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': `service-${seed}`,
      'process.pid': 12,
      'a.list': ['x', 'é'],
    }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    spanLimits: {
      attributeCountLimit: 12,
      eventCountLimit: 3,
      linkCountLimit: 3,
      attributePerEventCountLimit: 4,
    },
  });
  const tracers = [
    provider.getTracer('one', '1.2.3'),
    provider.getTracer('two', '', { schemaUrl: 'https://opentelemetry.io/schemas/1.37.0' }),
    provider.getTracer('ünï'),
  ];
  for (let i = 0; i < count; i++) {
    const tracer = pick(random, tracers) as (typeof tracers)[number];
    const parent = random() < 0.6 ? trace.setSpanContext(ROOT_CONTEXT, spanContext(random)) : ROOT_CONTEXT;
    const seconds = Math.floor(random() * 4e9);
    const span = tracer.startSpan(
      text(random),
      {
        kind: Math.floor(random() * 5) as SpanKind,
        attributes: attributes(random, 15),
        links: many(random, 5, () => link(random)),
        startTime: [seconds, Math.floor(random() * 1e9)],
      },
      parent,
    );
    for (const name of many(random, 5, () => text(random))) {
      span.addEvent(name, attributes(random, 6), [seconds + 1, Math.floor(random() * 1e9)]);
    }
    if (random() < 0.5) {
      span.setStatus({
        code: Math.floor(random() * 3) as SpanStatusCode,
        message: random() < 0.5 ? text(random) : '',
      });
    }
    span.end([seconds + 2, Math.floor(random() * 1e9)]);
  }
  return exporter.getFinishedSpans();
}

function attributes(random: () => number, most: number): Attributes {
  const made: Attributes = {};
  for (const value of many(random, most, () => attributeValue(random))) {
    made[random() < 0.7 ? `key.${Math.floor(random() * 20)}` : `k ${text(random)}`] = value;
  }
  return made;
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  127,
  128,
  300,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  -(2 ** 32) - 5,
  2 ** 53,
  -(2 ** 53) + 1,
];
const LARGE = [2 ** 62 + 2 ** 20, -(2 ** 63), 2 ** 63, 2 ** 64, 1e300, -1e300, 0.1, -2.5, 5e-324];
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

function attributeValue(random: () => number): AttributeValue {
  switch (Math.floor(random() * 8)) {
    case 0:
      return random() < 0.5;
    case 1:
      return pick(random, [...NUMBERS, ...LARGE, ...ODD]) as number;
    case 2:
      return many(random, 4, () => text(random));
    case 3:
      return many(random, 6, () => pick(random, [...NUMBERS, ...LARGE, null]) as number);
    case 4:
      return many(random, 40, () => (random() < 0.1 ? undefined : random() < 0.5)) as boolean[];
    case 5:
      return Math.floor((random() - 0.5) * 2 ** 40);
    default:
      return text(random);
  }
}

/** Lengths around each boundary of the wire format and of the writer; also not ASCII, and not even Unicode. */
function text(random: () => number): string {
  const length = pick(
    random,
    [0, 1, 7, 20, 47, 48, 49, 100, 118, 119, 120, 127, 128, 129, 400, 16383, 16390],
  ) as number;
  const piece =
    random() < 0.7 ? 'a' : (pick(random, ['é', '漢', '😀', '\ud800', '\udc00x', '\u0000', 'aé']) as string);
  return length > 1000 && random() < 0.9 ? piece : piece.repeat(length);
}

function link(random: () => number): Link {
  return { context: spanContext(random), ...(random() < 0.5 && { attributes: attributes(random, 3) }) };
}

function spanContext(random: () => number): SpanContext {
  const digits = (count: number) =>
    many(random, 1, () => '')
      .concat(Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)))
      .join('');
  return {
    traceId: digits(32).replace(/^./, '1'),
    spanId: digits(16).replace(/^./, '1'),
    traceFlags: pick(random, [TraceFlags.SAMPLED, 3, 255]) as number,
    ...(random() < 0.7 && { isRemote: random() < 0.5 }),
    ...(random() < 0.3 && { traceState: createTraceState('vendor=opaque,ot=th:8') }),
  };
}

function many<T>(random: () => number, most: number, make: () => T): T[] {
  return Array.from({ length: Math.floor(random() * (most + 1)) }, make);
}

function pick<T>(random: () => number, from: readonly T[]): T | undefined {
  return from[Math.floor(random() * from.length)];
}
