import { inspect } from 'node:util';
import type { Attributes, AttributeValue, Link, Span, TimeInput, Tracer } from '@opentelemetry/api';
import { diag, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanLimits } from '@opentelemetry/sdk-trace';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { RecordedSpan } from '../../src/sdk/span.ts';
import { ProcessTracerProvider } from '../../src/sdk/tracer-provider.ts';

/** Things that a program may do to a span, the same for a span of ours and for one of the official SDK. */
type Step = (span: Span) => unknown;

const SPANS = 300;
const STEPS_PER_SPAN = 25;

/** What can be compared: ids are random, and times that nobody gave come from different clocks. */
function facts(span: ReadableSpan) {
  const { name, kind, attributes, links, status, ended } = span;
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span;
  const events = span.events.map(({ time, ...event }) =>
    event.name.endsWith('at') ? { ...event, time } : event,
  );
  return {
    name,
    kind,
    attributes: Object.entries(attributes),
    links,
    status,
    ended,
    events,
    droppedAttributesCount,
    droppedEventsCount,
    droppedLinksCount,
    endTime: span.name === 'timed' ? span.endTime : undefined,
    startTime: span.startTime,
    duration: span.name === 'timed' ? span.duration : undefined,
  };
}

/** One tracer of ours and one of the official SDK, with the same limits. */
function tracers(spanLimits: SpanLimits) {
  const sampler = new AlwaysOnSampler();
  const [ours, theirs] = [new InMemorySpanExporter(), new InMemorySpanExporter()];
  const made: [Tracer, InMemorySpanExporter][] = [
    [
      new ProcessTracerProvider({
        sampler,
        spanLimits,
        spanProcessors: [new SimpleSpanProcessor({ exporter: ours })],
      }).getTracer('t'),
      ours,
    ],
    [
      new TracerProvider({
        sampler,
        spanLimits,
        spanProcessors: [new SimpleSpanProcessor({ exporter: theirs })],
      }).getTracer('t'),
      theirs,
    ],
  ];
  return made;
}

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
const TIMES: TimeInput[] = [new Date(1_700_000_000_123), 1_700_000_000_456, [1_700_000_000, 5]];
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

function attributesFrom(random: SeededRandom): Attributes {
  const count = random.below(6);
  const entries = Array.from({ length: count }, () => [random.pick(KEYS), random.pick(VALUES)]);
  return Object.fromEntries(entries);
}

function linkFrom(random: SeededRandom): Link {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  return random.below(2) === 0 ? { context } : { context, attributes: attributesFrom(random) };
}

function stepFrom(random: SeededRandom): Step {
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
    (span) => span.addEvent('event', attributes),
    (span) => span.addEvent('event at', attributes, time),
    (span) => span.addEvent('event also at', time),
    (span) => span.addLink(link),
    (span) => span.addLinks([link, link]),
    (span) => span.setStatus(status),
    (span) => span.updateName(`renamed ${key}`),
    (span) => span.recordException(exception, time),
    (span) => Object.keys((span as unknown as ReadableSpan).attributes), // reading changes nothing
  ];
  return random.pick(steps);
}

const LIMITS: SpanLimits[] = [
  {},
  { attributeCountLimit: 2, attributeValueLengthLimit: 8 },
  { eventCountLimit: 2, linkCountLimit: 1, attributePerEventCountLimit: 1, attributePerLinkCountLimit: 1 },
  { attributeCountLimit: 0, eventCountLimit: 0, linkCountLimit: 0 },
];

t.test(`whatever is done to ${SPANS} spans, they read as those of the official SDK`, async (t) => {
  for (let seed = 1; seed <= SPANS; seed++) {
    const random = new SeededRandom(seed);
    const options = {
      kind: random.pick([SpanKind.CLIENT, SpanKind.INTERNAL]),
      attributes: attributesFrom(random),
      links: [linkFrom(random)],
      startTime: [1_600_000_000, 7] as TimeInput,
    };
    const steps = Array.from({ length: STEPS_PER_SPAN }, () => stepFrom(random));
    const isTimed = random.below(2) === 0;
    const after = Array.from({ length: 3 }, () => stepFrom(random));
    const read = tracers(random.pick(LIMITS)).map(([tracer, exporter]) => {
      const span = tracer.startSpan('span', options);
      for (const step of steps) step(span);
      if (isTimed) span.updateName('timed');
      span.end(TIMES[0]);
      for (const step of after) step(span);
      span.end();
      return exporter.getFinishedSpans().map(facts);
    });
    const [ours, theirs] = read.map((spans) => inspect(spans, { depth: null }));
    if (!t.equal(ours, theirs, `seed ${seed}`)) break;
  }
});

t.test('attributes that a processor changes or removes are exported like that', async (t) => {
  const [[tracer] = []] = tracers({ attributeCountLimit: 3 });
  const span = tracer?.startSpan('span', { attributes: { a: 1 } });
  if (!(span instanceof RecordedSpan)) throw new Error('the span is not one of ours');
  span.setAttribute('b', 2).setAttribute('a', 3);
  const { attributes } = span;
  t.strictSame(attributes, { a: 3, b: 2 });
  delete attributes.a;
  span.setAttributes({ c: 4, d: 5, e: 6 });
  t.strictSame(attributes, { b: 2, c: 4, d: 5 });
  t.equal(span.droppedAttributesCount, 1);
});

t.test('maps, nested and mixed lists and bytes are values, copied and cut to the limit', async (t) => {
  const [[tracer, exporter] = []] = tracers({ attributeValueLengthLimit: 4 });
  const order = {
    id: 7,
    lines: [{ sku: 'abcdef', count: 1 }, 'two', null],
    gap: undefined,
    raw: Buffer.from('abcdef'),
  };
  const span = tracer?.startSpan('span', { attributes: { first: order as unknown as AttributeValue } });
  span?.setAttribute('second', order as unknown as AttributeValue);
  span?.addEvent('event', { third: ['mixed', 1] as unknown as AttributeValue });
  order.lines.length = 0;
  span?.end();
  const [ended] = exporter?.getFinishedSpans() ?? [];
  const kept = {
    id: 7,
    lines: [{ sku: 'abcd', count: 1 }, 'two', null],
    raw: new Uint8Array(Buffer.from('abcd')),
  };
  t.strictSame(ended?.attributes, { first: kept, second: kept });
  t.strictSame(ended?.events[0]?.attributes, { third: ['mixe', 1] });
});

t.test(
  'a value that is illegal, contains itself or has more than 16 levels is left out, with a diagnostic',
  async (t) => {
    const warnings: string[] = [];
    diag.setLogger({
      warn: (message) => warnings.push(message),
      error() {},
      info() {},
      debug() {},
      verbose() {},
    });
    t.teardown(() => diag.disable());
    const [[tracer, exporter] = []] = tracers({});
    const circle: unknown[] = [];
    circle.push({ circle });
    const nested = (levels: number): unknown => (levels === 0 ? 'x' : { in: nested(levels - 1) });
    const values = {
      circle,
      date: new Date(),
      call: [() => {}],
      big: { n: 1n },
      at: nested(16),
      below: nested(17),
    };
    tracer?.startSpan('span', { attributes: values as unknown as Attributes }).end();
    t.strictSame(Object.keys(exporter?.getFinishedSpans()[0]?.attributes ?? {}), ['at']);
    t.strictSame(
      warnings,
      ['circle', 'date', 'call', 'big', 'below'].map((key) => `Invalid attribute value set for key: ${key}`),
    );
  },
);

t.test('an end before the start is a duration of 0, with a diagnostic', async (t) => {
  const warnings: string[] = [];
  diag.setLogger({
    warn: (message) => warnings.push(message),
    error() {},
    info() {},
    debug() {},
    verbose() {},
  });
  t.teardown(() => diag.disable());
  const [[tracer, exporter] = []] = tracers({});
  tracer?.startSpan('back', { startTime: [1_700_000_001, 0] }).end([1_700_000_000, 0]);
  const [span] = exporter?.getFinishedSpans() ?? [];
  t.strictSame(span?.endTime, [1_700_000_001, 0]);
  t.strictSame(span?.duration, [0, 0]);
  t.match(warnings, [/^back would end before it starts/]);
});

t.test('calls after the end change nothing, and have a diagnostic', async (t) => {
  const said: string[] = [];
  const say = (message: string) => said.push(message);
  diag.setLogger({ warn: say, error: say, info() {}, debug() {}, verbose() {} });
  t.teardown(() => diag.disable());
  const [[tracer, exporter] = []] = tracers({});
  const span = tracer?.startSpan('once');
  span?.end();
  span?.end();
  span?.setAttribute('late', true);
  t.equal(exporter?.getFinishedSpans().length, 1);
  t.strictSame(exporter?.getFinishedSpans()[0]?.attributes, {});
  t.match(said, [/once .* only call end\(\) on a span once/, /operation on a span that has ended: once/]);
});
