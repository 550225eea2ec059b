import type { Attributes, AttributeValue, Link, Span, TimeInput, Tracer } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { SeededRandom } from '@tandem/otlp/testing';
import { leanEngine } from '../../src/lean/engine.ts';
import { TraceClock } from '../../src/spans/clock.ts';

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
      clock: new TraceClock(),
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

/** What a program may do to a span. */
export type Step = (span: Span) => unknown;

/** Without maps and mixed lists, which SDK 2 does not know. */
const VALUES: unknown[] = [
  'text',
  'a rather long text, longer than the limits below',
  '',
  'ä😀',
  42,
  -0.5,
  Number.NaN,
  true,
  ['a', 'a rather long text, longer than the limits below'],
  [1, 2, null],
  [],
  null,
  undefined,
  () => {},
  Symbol('s'),
];
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', '', 'http.request.method', '__proto__x', 'constructor'];
export const TIMES: TimeInput[] = [new Date(1_700_000_000_123), 1_700_000_000_456, [1_700_000_000, 5]];
const STATUSES = [
  { code: SpanStatusCode.UNSET, message: 'not kept' },
  { code: SpanStatusCode.OK, message: 'not kept' },
  { code: SpanStatusCode.ERROR, message: 'kept' },
  { code: SpanStatusCode.ERROR },
  { code: SpanStatusCode.ERROR, message: 7 as unknown as string },
];
const EXCEPTIONS: unknown[] = [
  'text',
  Object.assign(new Error('with a code'), { code: 'ECODE', stack: 'stack' }),
  Object.assign(new TypeError('with a name'), { stack: 'stack' }),
  { code: 12 },
  {},
  '',
];

export function attributesFrom(random: SeededRandom): Attributes {
  const count = random.below(6);
  const entries = Array.from({ length: count }, () => [random.pick(KEYS), random.pick(VALUES)]);
  return Object.fromEntries(entries);
}

export function linkFrom(random: SeededRandom): Link {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  return random.below(2) === 0 ? { context } : { context, attributes: attributesFrom(random) };
}

export function stepFrom(random: SeededRandom): Step {
  const key = random.pick(KEYS);
  const value = random.pick(VALUES) as AttributeValue;
  const attributes = attributesFrom(random);
  const time = random.pick(TIMES);
  const link = linkFrom(random);
  const status = random.pick(STATUSES);
  const exception = random.pick(EXCEPTIONS) as Error;
  const steps: Step[] = [
    (span) => span.setAttribute(key, value),
    (span) => span.setAttribute(key, value),
    (span) => span.setAttributes(attributes),
    (span) => span.addEvent('event', attributes, time),
    (span) => span.addEvent('event at', time),
    (span) => span.addLink(link),
    (span) => span.addLinks([link, link]),
    (span) => span.setStatus(status),
    (span) => span.updateName(`renamed ${key}`),
    (span) => span.recordException(exception, time),
    (span) => Object.keys((span as unknown as ReadableSpan).attributes), // reading changes nothing
  ];
  return random.pick(steps);
}
