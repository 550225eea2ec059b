import { createTraceState, defaultTextMapSetter, diag, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { TraceContextPropagator } from '../../src/context/traceparent.ts';
import { W3CTraceState } from '../../src/context/tracestate.ts';
import { consistentSampler } from '../../src/sampling/consistent-sampler.ts';
import { readOtelMember, withThreshold } from '../../src/sampling/otel-member.ts';
import { rateOf, readRates } from '../../src/sampling/rates.ts';
import { sampleRateOf } from '../../src/sampling/sample-rate.ts';
import { adjustedCountOf, isKept, thresholdOf } from '../../src/sampling/threshold.ts';
import { ask, parent, TRACE_ID } from './support.ts';

t.test('thresholds', async (t) => {
  t.test('thresholds match the specification, at 3, 4 and 5 digits of precision', async (t) => {
    const table: [number, string, string, string][] = [
      [1, '0', '0', '0'],
      [1 / 2, '8', '8', '8'],
      [1 / 3, 'aab', 'aaab', 'aaaab'],
      [1 / 4, 'c', 'c', 'c'],
      [1 / 5, 'ccd', 'cccd', 'ccccd'],
      [1 / 8, 'e', 'e', 'e'],
      [1 / 10, 'e66', 'e666', 'e6666'],
      [1 / 16, 'f', 'f', 'f'],
      [1 / 100, 'fd71', 'fd70a', 'fd70a4'],
      [1 / 1000, 'ffbe7', 'ffbe77', 'ffbe76d'],
      [1 / 10_000, 'fff972', 'fff9724', 'fff97247'],
      [1 / 100_000, 'ffff584', 'ffff583a', 'ffff583a5'],
      [1 / 1_000_000, 'ffffef4', 'ffffef39', 'ffffef391'],
    ];
    for (const [probability, ...thresholds] of table) {
      t.same(
        [3, 4, 5].map((precision) => thresholdOf(probability, precision)),
        thresholds,
        `1 in ${Math.round(1 / probability)}`,
      );
    }
    t.equal(thresholdOf(2 ** -56), 'ffffffffffffff', 'the least probability keeps one value');
  });

  t.test('the count of a threshold is 1/probability', async (t) => {
    t.equal(adjustedCountOf('0'), 1);
    t.equal(adjustedCountOf('8'), 2);
    t.equal(adjustedCountOf('c'), 4);
    t.equal(adjustedCountOf('c0000000000000'), 4);
    t.equal(adjustedCountOf('e666'), 9.99938968568813);
    t.equal(adjustedCountOf('ffffffffffffff'), 2 ** 56);
  });

  t.test('an illegal threshold has no count', async (t) => {
    for (const text of ['', 'g', 'E666', '0x8', 'fffffffffffffff', '-1', ' 8']) {
      t.equal(adjustedCountOf(text), undefined, text);
    }
  });

  t.test('a trace is kept when its randomness is not below the threshold', async (t) => {
    t.equal(isKept('e6660000000000', 'e666'), true);
    t.equal(isKept('e665ffffffffff', 'e666'), false);
    t.equal(isKept('00000000000000', '0'), true);
    t.equal(isKept('00000000000000', '00000000000001'), false);
    t.equal(isKept('e6660000000000', 'e6660000000000'), true);
  });

  t.test('every probability keeps its share, and all traces that a lower probability keeps', async (t) => {
    const random = new SeededRandom(56);
    for (let i = 0; i < 2000; i++) {
      const [low = 0, high = 0] = [random.next() ** 4, random.next()]
        .map((p) => Math.max(p, 1e-9))
        .sort((a, b) => a - b);
      const count = adjustedCountOf(thresholdOf(low)) ?? 0;
      if (Math.abs(count * low - 1) > 0.001) t.fail(`1/${low} is not ${count}`);
      const randomness = random.text('0123456789abcdef', 14);
      if (isKept(randomness, thresholdOf(low)) && !isKept(randomness, thresholdOf(high))) {
        t.fail(`${randomness} is kept at ${low} and not at ${high}`);
      }
    }
    t.pass('2000 pairs');
  });
});

t.test('the ot member', async (t) => {
  const read = (header: string) => readOtelMember(new W3CTraceState(header));

  t.test('reads threshold and explicit randomness, in any place', async (t) => {
    t.match(read('ot=th:c'), { threshold: 'c', adjustedCount: 4, randomness: undefined });
    t.match(read('a=1,ot=p:8;rv:6e6d1a75832a2f;th:c;x:1'), { threshold: 'c', randomness: '6e6d1a75832a2f' });
    t.match(readOtelMember(createTraceState('ot=th:c')), { threshold: 'c' }, 'a trace state from elsewhere');
  });

  t.test('an illegal member reads as absent, and is known to be there', async (t) => {
    for (const header of ['ot=th:', 'ot=th:xyz', 'ot=th:C', 'ot=th:123456789abcdef0']) {
      t.match(read(header), { threshold: undefined, adjustedCount: undefined, hasThreshold: true }, header);
    }
    for (const header of [
      '',
      'other=th:c',
      'ot=rv:6e6d1a75832a2',
      'ot=rv:6E6D1A75832A2F',
      'ot=;;:',
      'ot=thx',
    ]) {
      t.match(read(header), { threshold: undefined, randomness: undefined, hasThreshold: false }, header);
    }
  });

  t.test('a threshold is replaced or erased and everything else kept', async (t) => {
    const change = (header: string, threshold?: string) => {
      const state = new W3CTraceState(header, true);
      return withThreshold(state, readOtelMember(state), threshold).serialize();
    };
    t.equal(change('', '8'), 'ot=th:8');
    t.equal(change('a=1', '8'), 'ot=th:8,a=1');
    t.equal(change('a=1,ot=th:c;rv:6e6d1a75832a2f;k:1', '8'), 'ot=th:8;rv:6e6d1a75832a2f;k:1,a=1');
    t.equal(change('a=1,ot=th:c;k:1'), 'ot=k:1,a=1');
    t.equal(change('a=1,ot=th:c'), 'a=1');
    t.equal(change('a=1'), 'a=1');
  });

  t.test('a member that would get too long loses its threshold rather than being cut', async (t) => {
    const state = new W3CTraceState(`ot=k:${'v'.repeat(253)}`);
    const changed = withThreshold(state, readOtelMember(state), 'e666');
    t.equal(readOtelMember(changed).hasThreshold, false);
    t.equal(changed.serialize(), state.serialize());
  });

  t.test('many different members from outside leave the answers right', async (t) => {
    for (let i = 0; i < 1000; i++) {
      const rv = i.toString(16).padStart(14, '0');
      if (read(`ot=th:8;rv:${rv}`).randomness !== rv) t.fail(rv);
    }
    t.match(read('ot=th:c'), { adjustedCount: 4 });
  });
});

t.test('SampleRate', async (t) => {
  t.test('a probability of 1 in a whole number gives that number', async (t) => {
    for (const n of [1, 2, 3, 4, 5, 7, 10, 16, 20, 50, 100, 1000, 10_000, 1_000_000]) {
      const count = adjustedCountOf(thresholdOf(1 / n)) ?? 0;
      const rates = ['00000000000000', '80000000000000', 'ffffffffffffff'].map((r) => sampleRateOf(count, r));
      for (const rate of rates) t.ok(Math.abs(rate - n) <= n * 0.001, `1 in ${n}: ${rate}`);
    }
    t.equal(sampleRateOf(adjustedCountOf('e666') ?? 0, 'ffffffffffffff'), 10);
  });

  t.test('the rates of kept spans add up to all spans', async (t) => {
    const random = new SeededRandom(11);
    for (const probability of [0.9, 0.75, 0.3, 0.15, 0.07]) {
      const threshold = thresholdOf(probability);
      const count = adjustedCountOf(threshold) ?? 0;
      const total = 40_000;
      let sum = 0;
      for (let i = 0; i < total; i++) {
        const randomness = random.text('0123456789abcdef', 14);
        if (isKept(randomness, threshold)) sum += sampleRateOf(count, randomness);
      }
      t.ok(Math.abs(sum / total - 1) < 0.04, `${probability}: ${sum} of ${total}`);
    }
  });

  t.test('both neighbours of an uneven rate occur, and the trace alone decides which', async (t) => {
    const count = adjustedCountOf(thresholdOf(0.3)) ?? 0;
    t.equal(sampleRateOf(count, 'ffffffffffffff'), 4);
    t.equal(sampleRateOf(count, 'c0000000000000'), 3);
    t.equal(sampleRateOf(count, 'c0000000000000'), 3);
  });
});

t.test('the sampler', async (t) => {
  const independent = (rates: string) => consistentSampler({ rates, parentBased: false });
  const parentBased = (rates: string) => consistentSampler({ rates, parentBased: true });

  t.test('a new trace is kept by the random bits of its id, and carries its probability', async (t) => {
    t.same(ask(parentBased('0.5')), { sampled: true, rate: 2, tracestate: 'ot=th:8' }, 'just kept');
    t.same(ask(parentBased('0.25')), { sampled: false, rate: undefined, tracestate: '' });
    t.same(ask(parentBased('1')), { sampled: true, rate: 1, tracestate: 'ot=th:0' });
    const last = { traceId: '0000000000000000f0ffffffffffffff' };
    t.same(ask(parentBased('0.1'), last), { sampled: true, rate: 10, tracestate: 'ot=th:e666' });
    t.same(ask(parentBased('0'), last), { sampled: false, rate: undefined, tracestate: '' });
  });

  t.test('a route has its own rate', async (t) => {
    const sampler = parentBased('1;GET /quiet=0.25;GET /never=0');
    t.match(ask(sampler, { name: 'GET /quiet' }), { sampled: false });
    t.match(ask(sampler, { name: 'GET /never', traceId: 'f'.repeat(32) }), { sampled: false });
    t.match(ask(sampler, { name: 'GET /other' }), { sampled: true, rate: 1 });
    const last = { traceId: 'f'.repeat(32), name: 'GET', attributes: { 'http.route': '/quiet' } };
    t.match(ask(parentBased('1;/quiet=0.25'), last), { rate: 4, tracestate: 'ot=th:c' });
  });

  t.test('parent-based: the decision of the caller holds and its threshold is carried on', async (t) => {
    const sampler = parentBased('0.01');
    const follow = (sampled: boolean, tracestate?: string) =>
      ask(sampler, { parent: parent({ sampled, remote: true, ...(tracestate ? { tracestate } : {}) }) });
    t.same(follow(true, 'ot=th:8,a=1'), { sampled: true, rate: 2, tracestate: 'ot=th:8,a=1' });
    t.same(follow(true), { sampled: true, rate: undefined, tracestate: '' }, 'unknown probability, no rate');
    t.same(follow(true, 'a=1'), { sampled: true, rate: undefined, tracestate: 'a=1' });
    t.same(follow(false), { sampled: false, rate: undefined, tracestate: '' });
    t.same(follow(false, 'ot=rv:ffffffffffffff'), {
      sampled: false,
      rate: undefined,
      tracestate: 'ot=rv:ffffffffffffff',
    });
  });

  t.test('parent-based: a threshold that disagrees with the flag is erased, the rest kept', async (t) => {
    const sampler = parentBased('1');
    for (const [sampled, tracestate, expected] of [
      [true, 'ot=th:c;k:1,a=1', 'ot=k:1,a=1'],
      [true, 'ot=th:nonsense,a=1', 'a=1'],
      [true, 'ot=rv:00000000000001;th:8', 'ot=rv:00000000000001'],
      [false, 'ot=th:c,a=1', 'a=1'],
      [false, 'ot=th:0', ''],
    ] as const) {
      const outcome = ask(sampler, { parent: parent({ sampled, remote: true, tracestate }) });
      t.same(outcome, { sampled, rate: undefined, tracestate: expected }, tracestate);
    }
  });

  t.test("independent: the own rate decides, not the caller's decision", async (t) => {
    const kept = (sampled: boolean, tracestate: string) =>
      ask(independent('0.5'), { parent: parent({ sampled, remote: true, tracestate }) });
    t.same(kept(false, 'a=1'), { sampled: true, rate: 2, tracestate: 'ot=th:8,a=1' });
    t.same(kept(true, 'a=1,ot=th:4;k:1'), { sampled: true, rate: 2, tracestate: 'ot=th:8;k:1,a=1' });
    const dropped = ask(independent('0.1'), {
      parent: parent({ sampled: true, remote: true, tracestate: 'a=1,ot=th:8;k:1' }),
    });
    t.same(
      dropped,
      { sampled: false, rate: undefined, tracestate: 'ot=k:1,a=1' },
      'a dropped span carries none',
    );
  });

  t.test('explicit randomness goes before the trace id and is never changed', async (t) => {
    const remote = parent({ sampled: false, remote: true, tracestate: 'ot=rv:f0000000000000' });
    t.same(ask(independent('0.1'), { parent: remote }), {
      sampled: true,
      rate: 10,
      tracestate: 'ot=th:e666;rv:f0000000000000',
    });
    const low = parent({ sampled: true, remote: true, tracestate: 'ot=rv:00000000000000' });
    t.same(ask(independent('0.5'), { parent: low }), {
      sampled: false,
      rate: undefined,
      tracestate: 'ot=rv:00000000000000',
    });
  });

  t.test(
    'a span follows its parent in the same process, also when its own route has another rate',
    async (t) => {
      for (const sampler of [independent('0'), parentBased('0'), independent('1'), parentBased('1')]) {
        const sampled = parent({ sampled: true, remote: false, tracestate: 'ot=th:8' });
        t.same(ask(sampler, { parent: sampled }), { sampled: true, rate: 2, tracestate: 'ot=th:8' });
        const dropped = parent({ sampled: false, remote: false });
        t.same(ask(sampler, { parent: dropped }), { sampled: false, rate: undefined, tracestate: '' });
      }
    },
  );

  t.test('a service with a higher rate keeps all traces of a service with a lower rate', async (t) => {
    const random = new SeededRandom(3);
    const samplers = [0.02, 0.1, 0.5, 0.9].map((p) => independent(`${p}`));
    for (let i = 0; i < 2000; i++) {
      const traceId = random.text('0123456789abcdef', 32);
      const kept = samplers.map((sampler) => ask(sampler, { traceId }).sampled);
      if (kept.join() !== [...kept].sort().join()) t.fail(`${traceId}: ${kept}`);
    }
    t.pass('2000 traces');
  });

  t.test('the rates of all kept traces add up to the traffic', async (t) => {
    const random = new SeededRandom(4);
    const sampler = parentBased('0.3');
    let sum = 0;
    for (let i = 0; i < 20_000; i++)
      sum += Number(ask(sampler, { traceId: random.text('0123456789abcdef', 32) }).rate ?? 0);
    t.ok(Math.abs(sum / 20_000 - 1) < 0.04, `${sum} of 20000`);
  });

  t.test(
    'with the SDK: every span of a trace has the rate and the threshold, and headers the random flag',
    async (t) => {
      const exporter = new InMemorySpanExporter();
      const provider = new BasicTracerProvider({
        sampler: parentBased('0.5'),
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
    t.equal(`${independent('0.1')}`, 'ConsistentProbability{0.1}');
    t.equal(`${parentBased('0.1;/a=1')}`, 'ParentBasedConsistentProbability{0.1;/a=1}');
  });
});

t.test('rates', async (t) => {
  const rateIn = (text: string, name: string, attributes = {}) => rateOf(readRates(text), name, attributes);

  t.test('one probability counts for every span', async (t) => {
    for (const [text, probability] of [
      ['0', 0],
      ['1', 1],
      ['0.25', 0.25],
      ['.5', 0.5],
      ['1e-3', 0.001],
      [' 0.1 ', 0.1],
    ] as const) {
      t.equal(rateIn(text, 'GET /x'), probability, text);
    }
  });

  t.test('a route has a rate of its own, by span name or attribute, with or without a method', async (t) => {
    const text = '0.1; GET /api/activities/home = 0.01; /api/activities/@:handle=1; GET /x=y=0;';
    t.equal(rateIn(text, 'GET /api/activities/home'), 0.01);
    t.equal(rateIn(text, 'HEAD /api/activities/home'), 0.1, 'another method');
    t.equal(rateIn(text, 'GET /api/activities/@:handle'), 1, 'any method');
    t.equal(rateIn(text, '/api/activities/@:handle'), 1);
    t.equal(rateIn(text, 'GET /x=y'), 0, 'the last equals sign separates');
    t.equal(rateIn(text, 'GET'), 0.1);
    const started = { 'http.request.method': 'GET', 'http.route': '/api/activities/home' };
    t.equal(rateIn(text, 'GET', started), 0.01, 'a span whose name is not final');
    t.equal(rateIn(text, 'GET', { 'http.route': '/api/activities/@:handle' }), 1);
    t.equal(rateIn(text, 'GET', { 'http.route': '/other' }), 0.1);
  });

  t.test(
    'a malformed rate of a route is left out with a diagnostic, and the other rates count',
    async (t) => {
      const said: string[] = [];
      const note = (message: string) => void said.push(message);
      diag.setLogger({ error: note, warn: note, info: note, debug: note, verbose: note });
      t.teardown(() => diag.disable());
      for (const malformed of ['GET /a=2', 'GET /a', 'home=0.1', '/a=10%']) {
        t.equal(rateIn(`0.1;${malformed};/b=1`, '/b'), 1, malformed);
        t.equal(rateIn(`0.1;${malformed}`, 'GET /a'), 0.1, malformed);
      }
      t.match(
        said[0],
        /must be a route and a number, as GET \/orders=0\.01, not "GET \/a=2"\. It is left out\./,
      );
    },
  );
});
