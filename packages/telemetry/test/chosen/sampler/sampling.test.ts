import type { Attributes, SpanContext, TraceState } from '@opentelemetry/api';
import { createTraceState, defaultTextMapSetter, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { consistentSampler } from '../../../src/chosen/sampler/index.ts';
import { TraceContextPropagator } from '../../../src/road/http/traceparent.ts';
import { W3CTraceState } from '../../../src/road/http/tracestate.ts';

/** The right-most 56 bits are 0x80…, half of all values. */
const TRACE_ID = '0af7651916cd43dd8480000000000000';
/** A trace that every probability above 0 keeps. */
const LAST = { traceId: 'f'.repeat(32) };

const independent = (probability: number) => consistentSampler({ probability, parentBased: false });
const parentBased = (probability: number) => consistentSampler({ probability, parentBased: true });

/** A parent of the trace `TRACE_ID`. */
function parent(isRemote: boolean, isSampled: boolean, tracestate?: string | TraceState): SpanContext {
  const ids = { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', traceFlags: Number(isSampled), isRemote };
  if (tracestate === undefined) return ids;
  const isText = typeof tracestate === 'string';
  return { ...ids, traceState: isText ? new W3CTraceState(tracestate) : tracestate };
}

const remote = (isSampled: boolean, tracestate?: string | TraceState) => ({
  parent: parent(true, isSampled, tracestate),
});
const local = (isSampled: boolean, tracestate?: string) => ({ parent: parent(false, isSampled, tracestate) });

interface Question {
  readonly parent?: SpanContext;
  readonly traceId?: string;
  readonly name?: string;
  readonly attributes?: Attributes;
}

/** Asks a sampler as the SDK's tracer does. Returns the parts of the span: its `SampleRate`, and its tracestate. */
function ask(sampler: Sampler, { parent, traceId, name, attributes }: Question = {}) {
  const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  const { SERVER } = SpanKind;
  const result = sampler.shouldSample(
    context,
    traceId ?? TRACE_ID,
    name ?? 'span',
    SERVER,
    attributes ?? {},
    [],
  );
  return {
    sampled: result.decision === SamplingDecision.RECORD_AND_SAMPLED,
    rate: result.attributes?.SampleRate,
    tracestate: (result.traceState ?? parent?.traceState)?.serialize() ?? '',
  };
}

t.test('a new trace', async (t) => {
  t.test('it is kept by the random bits of its id, and carries its probability', async (t) => {
    t.same(ask(parentBased(0.5)), { sampled: true, rate: 2, tracestate: 'ot=th:8' }, 'just kept');
    t.same(ask(parentBased(0.25)), { sampled: false, rate: undefined, tracestate: '' });
    t.same(ask(parentBased(1)), { sampled: true, rate: 1, tracestate: 'ot=th:0' });
    t.same(ask(parentBased(0.1), LAST), { sampled: true, rate: 10, tracestate: 'ot=th:e666' });
    t.same(ask(parentBased(0), LAST), { sampled: false, rate: undefined, tracestate: '' });
  });

  t.test('its threshold is that of the specification, and its rate is off by 0.1 % at most', async (t) => {
    const table: readonly (readonly [number, string])[] = [
      [1, '0'],
      [2, '8'],
      [3, 'aaab'],
      [4, 'c'],
      [5, 'cccd'],
      [7, 'db6e'],
      [8, 'e'],
      [10, 'e666'],
      [16, 'f'],
      [20, 'f3333'],
      [50, 'fae14'],
      [100, 'fd70a'],
      [1000, 'ffbe77'],
      [10_000, 'fff9724'],
      [100_000, 'ffff583a'],
      [1_000_000, 'ffffef39'],
      [2 ** 56, 'ffffffffffffff'],
    ];
    for (const [oneIn, threshold] of table) {
      const sampler = parentBased(1 / oneIn);
      const justKept = { traceId: threshold.padEnd(14, '0').padStart(32, '0') };
      for (const traced of [LAST, justKept]) {
        const { rate, tracestate } = ask(sampler, traced);
        t.equal(tracestate, `ot=th:${threshold}`, `1 in ${oneIn}`);
        t.ok(Math.abs(Number(rate) - oneIn) <= oneIn * 0.001, `1 in ${oneIn}: ${rate}`);
      }
    }
  });

  t.test('both neighbours of an uneven rate occur, and the trace alone decides which', async (t) => {
    const rateOf = (randomness: string) =>
      ask(parentBased(0.3), { traceId: randomness.padStart(32, '0') }).rate;
    t.equal(rateOf('ffffffffffffff'), 4);
    t.equal(rateOf('c0000000000000'), 3);
    t.equal(rateOf('c0000000000000'), 3);
  });

  t.test('the rates of all kept traces add up to the traffic', async (t) => {
    const random = new SeededRandom(4);
    const total = 40_000;
    for (const probability of [0.9, 0.75, 0.3, 0.15, 0.07]) {
      const sampler = parentBased(probability);
      let sum = 0;
      for (let i = 0; i < total; i++)
        sum += Number(ask(sampler, { traceId: random.text('0123456789abcdef', 32) }).rate ?? 0);
      t.ok(Math.abs(sum / total - 1) < 0.04, `${probability}: ${sum} of ${total}`);
    }
  });

  t.test('a service with a higher rate keeps all traces of a service with a lower rate', async (t) => {
    const random = new SeededRandom(3);
    const samplers = [0.02, 0.1, 0.3, 0.5, 0.9].map((probability) => independent(probability));
    for (let i = 0; i < 2000; i++) {
      const traceId = random.text('0123456789abcdef', 32);
      const kept = samplers.map((sampler) => ask(sampler, { traceId }).sampled);
      if (kept.join() !== [...kept].sort().join()) t.fail(`${traceId}: ${kept}`);
    }
    t.pass('2000 traces');
  });
});

t.test('parent-based', async (t) => {
  t.test('the decision of the caller holds and its threshold is carried on', async (t) => {
    const rest = 'ot=rv:ffffffffffffff';
    for (const [sampled, tracestate, rate] of [
      [true, 'ot=th:8,a=1', 2],
      [true, 'ot=th:0', 1],
      [true, 'a=1,ot=p:8;rv:ee6d1a75832a2f;th:c;x:1', 4],
      [true, `${rest};th:c0000000000000`, 4],
      [true, `${rest};th:e666`, 10],
      [true, `${rest};th:ffffffffffffff`, 2 ** 56],
      [true, 'ot=rv:e6660000000000;th:e666', 10],
      [true, 'ot=rv:00000000000000;th:0', 1],
      // Not randomness: the trace's own counts.
      [true, 'ot=rv:6e6d1a75832a2;th:8', 2],
      [true, 'ot=rv:6E6D1A75832A2F;th:8', 2],
      // Without a probability there is no rate.
      [true, ''],
      [true, 'a=1'],
      [true, 'other=th:c'],
      [true, 'ot=;;:'],
      [true, 'ot=thx'],
      [false, ''],
      [false, rest],
    ] as const)
      t.same(ask(parentBased(0.01), remote(sampled, tracestate)), { sampled, rate, tracestate }, tracestate);
    const foreign = ask(parentBased(0.01), remote(true, createTraceState('ot=th:8')));
    t.same(foreign, { sampled: true, rate: 2, tracestate: 'ot=th:8' }, 'a trace state from elsewhere');
  });

  t.test('a threshold that disagrees with the flag, or is none, is erased and the rest kept', async (t) => {
    for (const [sampled, tracestate, expected] of [
      [true, 'ot=th:c;k:1,a=1', 'ot=k:1,a=1'],
      [true, 'ot=th:nonsense,a=1', 'a=1'],
      [true, 'ot=rv:00000000000001;th:8', 'ot=rv:00000000000001'],
      [true, 'ot=rv:e665ffffffffff;th:e666', 'ot=rv:e665ffffffffff'],
      [true, 'ot=rv:00000000000000;th:00000000000001', 'ot=rv:00000000000000'],
      [false, 'ot=th:c,a=1', 'a=1'],
      [false, 'ot=th:0', ''],
      ...['', 'xyz', 'C', 'E666', '0x8', '123456789abcdef0', 'fffffffffffffff', '-1', ' 8'].map(
        (threshold) => [true, `ot=th:${threshold};k:1`, 'ot=k:1'] as const,
      ),
    ] as const) {
      const outcome = ask(parentBased(1), remote(sampled, tracestate));
      t.same(outcome, { sampled, rate: undefined, tracestate: expected }, tracestate);
    }
  });
});

t.test('independent', async (t) => {
  t.test("the own rate decides, not the caller's decision; the threshold is its own, or none", async (t) => {
    for (const [tracestate, kept, dropped] of [
      ['', 'ot=th:8', ''],
      ['a=1', 'ot=th:8,a=1', 'a=1'],
      ['a=1,ot=th:c', 'ot=th:8,a=1', 'a=1'],
      ['a=1,ot=th:4;k:1', 'ot=th:8;k:1,a=1', 'ot=k:1,a=1'],
      [
        'a=1,ot=th:c;rv:8e6d1a75832a2f;k:1',
        'ot=th:8;rv:8e6d1a75832a2f;k:1,a=1',
        'ot=rv:8e6d1a75832a2f;k:1,a=1',
      ],
    ] as const)
      for (const isSampled of [true, false]) {
        const asked = remote(isSampled, tracestate);
        t.same(ask(independent(0.5), asked), { sampled: true, rate: 2, tracestate: kept });
        t.same(ask(independent(0.1), asked), { sampled: false, rate: undefined, tracestate: dropped });
      }
  });

  t.test('explicit randomness goes before the trace id and is never changed', async (t) => {
    t.same(ask(independent(0.1), remote(false, 'ot=rv:f0000000000000')), {
      sampled: true,
      rate: 10,
      tracestate: 'ot=th:e666;rv:f0000000000000',
    });
    t.same(ask(independent(0.5), remote(true, 'ot=rv:00000000000000')), {
      sampled: false,
      rate: undefined,
      tracestate: 'ot=rv:00000000000000',
    });
  });

  t.test('a member that would get too long loses its threshold rather than being cut', async (t) => {
    const long = `k:${'v'.repeat(249)}`;
    const outcome = ask(independent(0.7), remote(true, `ot=th:c;${long}`));
    t.match(outcome, { sampled: true, tracestate: `ot=${long}` });
  });
});

t.test(
  'a span follows its parent in the same process, also when its own route has another rate',
  async (t) => {
    for (const sampler of [independent(0), parentBased(0), independent(1), parentBased(1)]) {
      t.same(ask(sampler, local(true, 'ot=th:8')), { sampled: true, rate: 2, tracestate: 'ot=th:8' });
      t.same(ask(sampler, local(false)), { sampled: false, rate: undefined, tracestate: '' });
    }
  },
);

t.test(
  'with the SDK: every span of a trace has the rate and the threshold, and headers the random flag',
  async (t) => {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      sampler: parentBased(0.5),
      idGenerator: { generateTraceId: () => TRACE_ID, generateSpanId: () => 'b7ad6b7169203331' },
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    t.teardown(() => provider.shutdown());
    const tracer = provider.getTracer('test');
    const root = tracer.startSpan('root');
    const context = trace.setSpan(ROOT_CONTEXT, root);
    const child = tracer.startSpan('child', {}, context);
    child.end();
    root.end();
    for (const span of exporter.getFinishedSpans()) {
      t.equal(span.attributes.SampleRate, 2, span.name);
      t.equal(span.spanContext().traceState?.serialize(), 'ot=th:8', span.name);
    }
    const headers = {};
    new TraceContextPropagator().inject(trace.setSpan(ROOT_CONTEXT, child), headers, defaultTextMapSetter);
    t.same(headers, { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-03`, tracestate: 'ot=th:8' });
  },
);

t.test('the sampler has a description', async (t) => {
  t.equal(`${independent(0.1)}`, 'ConsistentProbability{0.1}');
  t.equal(`${parentBased(0.1)}`, 'ParentBasedConsistentProbability{0.1}');
});

t.test('a probability that is no number from 0 to 1 is refused', async (t) => {
  for (const wrong of [-0.1, 1.1, Number.NaN])
    t.throws(() => independent(wrong), { message: /must be a number from 0 to 1/ });
});
