import type {
  Attributes,
  AttributeValue,
  Context,
  Link,
  Span,
  SpanContext,
  SpanOptions,
  TimeInput,
  Tracer,
} from '@opentelemetry/api';
import { createTraceState, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { SeededRandom } from '@tandem/otlp/testing';
import { leanEngine } from '../../../src/chosen/lean/engine.ts';

const resource = resourceFromAttributes({ 'service.name': 'oracle', list: ['a', 'é'] });

/** A tracer, and the spans that it has ended. */
export interface Recorder {
  readonly tracer: Tracer;
  spans(): ReadableSpan[];
}

/** A tracer of the lean engine, and a tracer of the official SDK, made in an environment with these variables. */
export function recorders(variables: Readonly<Record<string, string>> = {}): {
  readonly lean: Recorder;
  readonly official: Recorder;
} {
  Object.assign(process.env, variables);
  try {
    const [leanSpans, officialSpans] = [new InMemorySpanExporter(), new InMemorySpanExporter()];
    const lean = leanEngine.createProvider({
      resource,
      spanProcessors: [new SimpleSpanProcessor(leanSpans)],
    });
    const official = new NodeTracerProvider({
      resource,
      spanProcessors: [new SimpleSpanProcessor(officialSpans)],
    });
    return {
      lean: { tracer: lean.getTracer('oracle', '1'), spans: () => leanSpans.getFinishedSpans() },
      official: { tracer: official.getTracer('oracle', '1'), spans: () => officialSpans.getFinishedSpans() },
    };
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

/** Spans of the official SDK, of two resources' worth of scopes. One seed always gives the same spans. */
export function generateSpans(seed: number, count: number): ReadableSpan[] {
  const random = new SeededRandom(seed);
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': `service-${seed}`,
      'process.pid': 12,
      list: ['x', 'é'],
    }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    spanLimits: {
      attributeCountLimit: 12,
      eventCountLimit: 3,
      linkCountLimit: 3,
      attributePerEventCountLimit: 4,
      attributePerLinkCountLimit: 2,
    },
  });
  const tracers = [
    provider.getTracer('one', '1.2.3'),
    provider.getTracer('two', '', { schemaUrl: 'https://opentelemetry.io/schemas/1.37.0' }),
    provider.getTracer('ünï'),
  ];
  for (let i = 0; i < count; i++) {
    const span = random.pick(tracers).startSpan(textFrom(random), optionsFrom(random), parentFrom(random));
    for (const step of many(random, 12, stepFrom)) step(span);
    span.end(timeFrom(random));
  }
  return exporter.getFinishedSpans();
}

/** Lengths around each boundary of the wire format and of the writer. */
const LENGTHS = [0, 1, 7, 20, 47, 48, 49, 100, 118, 119, 120, 127, 128, 129, 400, 16383, 16390];

/** A text, also not ASCII, and not even Unicode. */
export function textFrom(random: SeededRandom): string {
  const length = random.pick(LENGTHS);
  const other = random.pick(['é', '漢', '😀', '\ud800', '\udc00x', '\u0000', 'aé']);
  const piece = random.chance(0.7) ? 'a' : other;
  return length > 1000 && random.chance(0.9) ? piece : piece.repeat(length);
}

const WHOLE = [
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
  1 - 2 ** 53,
];
const LARGE = [2 ** 62 + 2 ** 20, -(2 ** 63), 2 ** 63, 2 ** 64, 1e300, -1e300, 0.1, -2.5, 5e-324];
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const NO_VALUES = [null, undefined, () => {}, Symbol('s'), [], ''];

/** A value without maps and mixed lists, which SDK 2 does not know. */
function valueFrom(random: SeededRandom): AttributeValue {
  const values: ((random: SeededRandom) => unknown)[] = [
    () => random.chance(0.5),
    () => random.pick([...WHOLE, ...LARGE, ...ODD]),
    () => random.below(2 ** 40) - 2 ** 39,
    () => many(random, 4, textFrom),
    () => many(random, 6, () => random.pick([...WHOLE, ...LARGE, null])),
    () => many(random, 40, () => (random.chance(0.1) ? undefined : random.chance(0.5))),
    () => random.pick(NO_VALUES),
    textFrom,
    textFrom,
  ];
  return random.pick(values)(random) as AttributeValue;
}

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', '', 'http.request.method', '__proto__x', 'constructor'];

function keyFrom(random: SeededRandom): string {
  return random.chance(0.9) ? random.pick(KEYS) : `k ${textFrom(random)}`;
}

function attributesFrom(random: SeededRandom, most = 5): Attributes {
  return Object.fromEntries(many(random, most, () => [keyFrom(random), valueFrom(random)]));
}

function contextFrom(random: SeededRandom): SpanContext {
  const digits = (count: number) => `1${random.text('0123456789abcdef', count - 1)}`;
  return {
    traceId: digits(32),
    spanId: digits(16),
    traceFlags: random.pick([TraceFlags.SAMPLED, 3, 255]),
    ...(random.chance(0.7) && { isRemote: random.chance(0.5) }),
    ...(random.chance(0.3) && { traceState: createTraceState('vendor=opaque,ot=th:8') }),
  };
}

function linkFrom(random: SeededRandom): Link {
  return { context: contextFrom(random), ...(random.chance(0.5) && { attributes: attributesFrom(random) }) };
}

/** A context with a parent, or without. */
export function parentFrom(random: SeededRandom): Context {
  return random.chance(0.6) ? trace.setSpanContext(ROOT_CONTEXT, contextFrom(random)) : ROOT_CONTEXT;
}

export function optionsFrom(random: SeededRandom): SpanOptions {
  return {
    kind: random.below(5),
    attributes: attributesFrom(random, 15),
    links: many(random, 5, linkFrom),
    startTime: [random.below(1_600_000_000), random.below(1e9)],
  };
}

/** A time after the start of each span. */
export function timeFrom(random: SeededRandom): TimeInput {
  const exact: TimeInput = [1_700_000_000, random.below(1e9)];
  return random.pick([new Date(1_700_000_000_123), 1_700_000_000_456, exact]);
}

const EXCEPTIONS: unknown[] = [
  'text',
  Object.assign(new Error('with a code'), { code: 'ECODE', stack: 'stack' }),
  Object.assign(new TypeError('with a name'), { stack: 'stack' }),
  { code: 12 },
  {},
  '',
];

/** What a program may do to a span. */
export type Step = (span: Span) => unknown;

export function stepFrom(random: SeededRandom): Step {
  const key = keyFrom(random);
  const value = valueFrom(random);
  const text = textFrom(random);
  const attributes = attributesFrom(random);
  const time = timeFrom(random);
  const link = linkFrom(random);
  const message = random.pick([text, undefined, 7]) as string;
  const status = { code: random.below(3), message };
  const exception = random.pick(EXCEPTIONS) as Error;
  const steps: Step[] = [
    (span) => span.setAttribute(key, value),
    (span) => span.setAttribute(key, value),
    (span) => span.setAttributes(attributes),
    (span) => span.addEvent(text, attributes, time),
    (span) => span.addEvent('event at', time),
    (span) => span.addLink(link),
    (span) => span.addLinks([link, link]),
    (span) => span.setStatus(status),
    (span) => span.updateName(`renamed ${text}`),
    (span) => span.recordException(exception, time),
    (span) => Object.keys((span as unknown as ReadableSpan).attributes), // reading changes nothing
  ];
  return random.pick(steps);
}

function many<T>(random: SeededRandom, most: number, make: (random: SeededRandom) => T): T[] {
  return Array.from({ length: random.below(most + 1) }, () => make(random));
}
