import type { Attributes, AttributeValue, Link, Span, TimeInput } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, Sampler, SpanLimits, SpanProcessor } from '@opentelemetry/sdk-trace';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { SeededRandom } from '@tandem/otlp/testing';
import { leanEngine } from '../../src/lean/index.ts';
import { TraceClock } from '../../src/sdk/clock.ts';

/** What a provider is made with in these tests. */
export interface Parts {
  readonly sampler?: Sampler;
  readonly spanLimits?: SpanLimits;
  readonly spanProcessors?: readonly SpanProcessor[];
}

const resource = resourceFromAttributes({ 'service.name': 'oracle', list: ['a', 'é'] });

/** A tracer of the lean engine, and the spans that it has ended. */
export function leanTracer({ sampler = new AlwaysOnSampler(), spanLimits = {}, spanProcessors = [] }: Parts = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = leanEngine.createProvider({
    resource,
    sampler,
    spanLimits,
    spanProcessors: [...spanProcessors, new SimpleSpanProcessor({ exporter })],
    clock: new TraceClock(),
  });
  return { tracer: provider.getTracer('oracle', '1'), spans: () => exporter.getFinishedSpans() };
}

/** A tracer of the official SDK, made with the same parts. */
export function officialTracer({ sampler = new AlwaysOnSampler(), spanLimits = {} }: Parts = {}) {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  const provider = new TracerProvider({ resource, sampler, spanLimits, spanProcessors });
  return { tracer: provider.getTracer('oracle', '1'), spans: () => exporter.getFinishedSpans() };
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
