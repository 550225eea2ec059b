import type { Baggage } from '@opentelemetry/api';
import {
  baggageEntryMetadataFromString,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { SeededRandom } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { BaggagePropagator } from '../../src/context/baggage.ts';
import { baggageAttributes } from '../../src/context/baggage-attributes.ts';
import { environmentWithContext, withEnvironmentContext } from '../../src/context/environment-carrier.ts';
import { Propagator } from '../../src/context/propagator.ts';
import { withSpan } from '../../src/sdk/with-span.ts';
import type { PropagatorName } from '../../src/settings/index.ts';
import { createTestTelemetry } from '../../src/testing/test-telemetry.ts';

t.test('baggage', async (t) => {
  function read(propagator: BaggagePropagator, header: string | string[]): Baggage | undefined {
    return propagation.getBaggage(
      propagator.extract(ROOT_CONTEXT, { baggage: header }, defaultTextMapGetter),
    );
  }

  function values(header: string | string[]): Record<string, string> {
    const entries = read(new BaggagePropagator(), header)?.getAllEntries() ?? [];
    return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
  }

  function send(
    baggage: Baggage,
    propagator = new BaggagePropagator(),
    context = ROOT_CONTEXT,
  ): string | undefined {
    const carrier: Record<string, string> = {};
    propagator.inject(propagation.setBaggage(context, baggage), carrier, defaultTextMapSetter);
    return carrier.baggage;
  }

  const baggageOf = (entries: Record<string, string>) =>
    propagation.createBaggage(
      Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
    );

  t.test('reads members with white space, properties, equals signs and empty values', async (t) => {
    t.same(values('userId=alice,serverNode=DF%2028,isProduction=false'), {
      userId: 'alice',
      serverNode: 'DF 28',
      isProduction: 'false',
    });
    t.same(values('a \t = \t 1 \t ; \t p \t , \t b \t = \t 2 \t ; \t k \t = \t v'), { a: '1', b: '2' });
    t.same(values('a=1=2'), { a: '1=2' });
    t.same(values('a=,,b=2, '), { a: '', b: '2' });
    t.same(values(['a=1', 'b=2']), { a: '1', b: '2' }, 'several headers are one');
    t.same(values('a=1,a=2'), { a: '2' }, 'of duplicates the last counts');
    t.same(values('a=typed by hand "so"'), { a: 'typed by hand "so"' });
  });

  t.test('decodes UTF-8, and what is no UTF-8 into replacement characters', async (t) => {
    t.same(values('a=Am%C3%A9lie'), { a: 'Am\u00e9lie' });
    t.same(values('a=%F0%9F%9A%B2'), { a: '\u{1F6B2}' });
    t.same(values('a=x%FFy%C3'), { a: 'x\uFFFDy\uFFFD' });
    t.same(values('a=100%,b=%zz%41'), { a: '100%', b: '%zzA' });
    t.same(values('a%41=1'), { 'a%41': '1' }, 'keys are not encoded');
  });

  t.test('properties travel on with their member', async (t) => {
    const baggage = read(new BaggagePropagator(), 'a=1;p1; p2 = v2,b=2');
    t.equal(baggage?.getEntry('a')?.metadata?.toString(), 'p1; p2 = v2');
    t.equal(baggage?.getEntry('b')?.metadata, undefined);
    t.equal(baggage && send(baggage), 'a=1;p1; p2 = v2,b=2');
  });

  t.test('malformed members are dropped and counted, the others stay', async (t) => {
    const propagator = new BaggagePropagator();
    const malformed = ['novalue', '=1', 'k\u00e9y=1', 'a b=1', 'k=\u0000', 'k=\u00e9', 'k(=1', ';p', 'k;p=1'];
    const baggage = read(propagator, ['ok=1', ...malformed, 'fine=2'].join(','));
    t.same(
      baggage?.getAllEntries().map(([key]) => key),
      ['ok', 'fine'],
    );
    t.same(propagator.dropped, { tooMany: 0, tooLarge: 0, malformed: malformed.length });
    t.equal(read(propagator, 'nothing'), undefined);
  });

  t.test('what is over 64 members or 8192 bytes is dropped whole and counted', async (t) => {
    const many = new BaggagePropagator();
    const members = Array.from({ length: 70 }, (_, i) => `k${i}=${i}`);
    t.equal(read(many, members.join(','))?.getAllEntries().length, 64);
    t.same(many.dropped, { tooMany: 6, tooLarge: 0, malformed: 0 });

    const large = new BaggagePropagator();
    const exact = `a=${'x'.repeat(4094)},b=${'y'.repeat(4093)}`;
    t.equal(exact.length, 8192);
    t.equal(read(large, exact)?.getAllEntries().length, 2);
    const keys = read(large, `${exact}z,c=1`)
      ?.getAllEntries()
      .map(([key]) => key);
    t.same(keys, ['a', 'c'], 'b is a character too large, c fits again');
    t.same(large.dropped, { tooMany: 0, tooLarge: 1, malformed: 0 });
  });

  t.test('the limits hold for what is sent too', async (t) => {
    const propagator = new BaggagePropagator();
    const many = baggageOf(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, 'v'])));
    t.equal(send(many, propagator)?.split(',').length, 64);
    t.equal(send(baggageOf({ big: 'x'.repeat(8192), small: '1' }), propagator), 'small=1');
    t.equal(send(baggageOf({ 'bad key': '1' }), propagator), undefined);
    t.same(propagator.dropped, { tooMany: 1, tooLarge: 1, malformed: 1 });
  });

  t.test('values are encoded so that nothing breaks out of them', async (t) => {
    t.equal(send(baggageOf({ a: 'x,y;z="1"\\ %\r\nh: 1' })), 'a=x%2Cy%3Bz%3D%221%22%5C%20%25%0D%0Ah%3A%201');
    t.equal(send(baggageOf({ a: 'lone \ud800' })), 'a=lone%20%EF%BF%BD');
    const metadata = baggageEntryMetadataFromString('p=1,evil=2\r\nx: y');
    t.equal(send(propagation.createBaggage({ a: { value: '1', metadata } })), 'a=1;p=1%2Cevil=2%0D%0Ax: y');
  });

  t.test('no header where there is nothing to send', async (t) => {
    t.equal(send(baggageOf({})), undefined);
    t.equal(send(baggageOf({ a: '1' }), new BaggagePropagator(), suppressTracing(ROOT_CONTEXT)), undefined);
    t.equal(read(new BaggagePropagator(), ''), undefined);
    t.same(new BaggagePropagator().fields(), ['baggage']);
  });

  t.test('keys that mean something to JavaScript are keys like others', async (t) => {
    const baggage = read(new BaggagePropagator(), '__proto__=1,constructor=2,toString=3');
    t.equal(baggage?.getEntry('__proto__')?.value, '1');
    t.equal(baggage && send(baggage), '__proto__=1,constructor=2,toString=3');
  });

  t.test('every text comes back as it was sent', async (t) => {
    const random = new SeededRandom(64);
    for (let i = 0; i < 1000; i++) {
      const text = random
        .text('ab ,;=%"\\\u0000\r\n\t\u00e9\u20ac\u{1F6B2}', random.below(20))
        .toWellFormed();
      const header = send(baggageOf({ key: text })) ?? '';
      if (!/^key=[\x21-\x7e]*$/.test(header) || values(header).key !== text) t.fail(JSON.stringify(text));
    }
    t.pass('1000 texts');
  });

  t.test('hostile headers are read in linear time', async (t) => {
    // A quadratic reader would take minutes; this finishes within the time limit of any test run.
    for (const header of [
      ' '.repeat(500_000),
      `a=${' '.repeat(500_000)}\u0080`,
      'a;'.repeat(200_000),
      '%'.repeat(500_000),
    ]) {
      t.doesNotThrow(() => values(`k=${header},${header}`));
    }
  });
});

t.test('baggage attributes', async (t) => {
  function spansUnder(entries: Record<string, string>, keys: string[]) {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({
      spanProcessors: [baggageAttributes(keys), new SimpleSpanProcessor({ exporter: exporter })],
    });
    const tracer = provider.getTracer('test');
    const baggage = propagation.createBaggage(
      Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
    );
    const context = propagation.setBaggage(ROOT_CONTEXT, baggage);
    const parent = tracer.startSpan('parent', {}, context);
    tracer.startSpan('child', {}, trace.setSpan(context, parent)).end();
    parent.end();
    return exporter.getFinishedSpans();
  }

  t.test('listed baggage is on every span, other baggage on none', async (t) => {
    const spans = spansUnder({ 'user.id': '42', secret: 'x' }, ['user.id', 'tandem.scenario', 'user.id']);
    t.same(
      spans.map((span) => span.attributes),
      [{ 'user.id': '42' }, { 'user.id': '42' }],
    );
  });

  t.test('long values are cut, never within a character', async (t) => {
    const [plain] = spansUnder({ k: 'x'.repeat(5000) }, ['k']);
    t.equal(plain?.attributes.k, 'x'.repeat(256));
    const [pair] = spansUnder({ k: `${'x'.repeat(255)}\u{1F6B2}` }, ['k']);
    t.equal(pair?.attributes.k, 'x'.repeat(255));
  });

  t.test('without baggage nothing is added', async (t) => {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({
      spanProcessors: [baggageAttributes(['user.id']), new SimpleSpanProcessor({ exporter: exporter })],
    });
    provider.getTracer('test').startSpan('alone', {}, ROOT_CONTEXT).end();
    t.same(exporter.getFinishedSpans()[0]?.attributes, {});
  });
});

t.test('environment', async (t) => {
  const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
  const PARENT_ID = 'b7ad6b7169203331';
  const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;

  function startTelemetry(t: Test, names: readonly PropagatorName[] = ['tracecontext', 'baggage']) {
    const telemetry = createTestTelemetry({ propagator: new Propagator(names) });
    t.teardown(() => telemetry.shutdown());
    return telemetry;
  }

  t.test('a span in the context of the environment is a child of who started the process', async (t) => {
    const telemetry = startTelemetry(t);
    const baggage = withEnvironmentContext(
      () => withSpan('seed', {}, () => propagation.getActiveBaggage()?.getEntry('user.id')?.value),
      { TRACEPARENT, TRACESTATE: 'vendor=1', BAGGAGE: 'user.id=andrew' },
    );
    const [span] = telemetry.spans();
    t.equal(span?.spanContext().traceId, TRACE_ID);
    t.match(span?.parentSpanContext, { spanId: PARENT_ID, isRemote: true });
    t.equal(span?.spanContext().traceState?.serialize(), 'vendor=1');
    t.equal(baggage, 'andrew');
  });

  t.test('what is malformed is left out: the span begins a trace', async (t) => {
    const telemetry = startTelemetry(t);
    for (const value of ['', 'nonsense', `00-${'0'.repeat(32)}-${PARENT_ID}-01`])
      withEnvironmentContext(() => withSpan('alone', {}, () => {}), { TRACEPARENT: value });
    withEnvironmentContext(() => withSpan('alone', {}, () => {}), {});
    t.strictSame(
      telemetry.spans().map(({ parentSpanContext }) => parentSpanContext),
      [undefined, undefined, undefined, undefined],
    );
  });

  t.test('other propagators have variables of their own names', async (t) => {
    const telemetry = startTelemetry(t, ['b3multi']);
    const environment = withEnvironmentContext(
      () => withSpan('step', {}, () => environmentWithContext({ PATH: '/bin' })),
      { X_B3_TRACEID: TRACE_ID, X_B3_SPANID: PARENT_ID, X_B3_SAMPLED: '1' },
    );
    const [span] = telemetry.spans();
    t.equal(span?.parentSpanContext?.spanId, PARENT_ID);
    t.match(environment, { PATH: '/bin', X_B3_TRACEID: TRACE_ID, X_B3_SPANID: span?.spanContext().spanId });
  });

  t.test(
    'a process that is started gets the active context, and not the one that came with ours',
    async (t) => {
      const telemetry = startTelemetry(t);
      const started = { TRACEPARENT, TRACESTATE: 'vendor=1', BAGGAGE: 'a=b', PATH: '/bin' };
      const environment = withSpan('root', {}, () => environmentWithContext(started));
      const [span] = telemetry.spans();
      const { traceId, spanId } = span?.spanContext() ?? {};
      t.match(environment.TRACEPARENT, new RegExp(`^00-${traceId}-${spanId}-0[13]$`));
      t.equal(environment.PATH, '/bin');
      t.notOk('BAGGAGE' in environment, 'no baggage of before');
      t.notOk('TRACESTATE' in environment, 'no state of another trace');
      t.equal(started.TRACEPARENT, TRACEPARENT, 'what was given is not changed');
      t.equal(trace.getSpan(context.active()), undefined);
    },
  );
});
