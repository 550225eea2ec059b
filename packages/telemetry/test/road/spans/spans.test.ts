import { defaultTextMapSetter, diag, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { hrTimeToNanoseconds } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { withSpan } from '../../../src/common/with-span.ts';
import { TraceContextPropagator } from '../../../src/road/http/traceparent.ts';
import { endOpenSpans, recordUncaught } from '../../../src/road/spans/open-spans.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINE, ENGINES, samplerNamed } from '../../engines.ts';
import { namesOf } from '../../readable-spans.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'consistent_probability',
  'parentbased_consistent_probability',
];

t.test('the type of an exception is a name, or a code that is a word', async (t) => {
  const telemetry = createTestTelemetry({ engine: ENGINE });
  t.teardown(() => telemetry.shutdown());
  const errors = [
    new DOMException('too late', 'TimeoutError'),
    Object.assign(new TypeError('twice'), { code: 11_000 }),
    Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
  ];
  for (const error of errors)
    await withSpan('fails', {}, async () => {
      throw error;
    }).catch(() => {});
  t.same(
    telemetry
      .spans()
      .map(({ events, attributes }) => [
        events[0]?.attributes?.['exception.type'],
        events[0]?.attributes?.['exception.message'],
        attributes['error.type'],
      ]),
    [
      ['TimeoutError', 'too late', 'TimeoutError'],
      ['TypeError', 'twice', 'TypeError'],
      ['ECONNREFUSED', 'refused', 'ECONNREFUSED'],
    ],
  );
});

t.test('open spans', async (t) => {
  /** Open spans of a process with these further processors. */
  function start(t: { teardown(undo: () => unknown): unknown }, ...others: SpanProcessor[]) {
    const telemetry = createTestTelemetry({ engine: ENGINE, spanProcessors: others });
    const open = { endAll: endOpenSpans, recordUncaught };
    t.teardown(async () => {
      endOpenSpans();
      await telemetry.shutdown();
    });
    return { open, spans: telemetry.spans };
  }

  const tracer = () => trace.getTracer('test');
  const forever = () => new Promise<void>(() => {});

  t.test('children end before their parents, and within them', async (t) => {
    const { open, spans } = start(t);
    void withSpan('outer', {}, () => withSpan('inner', {}, forever));
    withSpan('ended', {}, () => {});
    open.endAll();
    const [ended, inner, outer] = spans();
    t.strictSame([ended?.name, inner?.name, outer?.name], ['ended', 'inner', 'outer']);
    t.strictSame(ended?.attributes, {});
    const [innerEnd, outerEnd] = [inner, outer].map((each) => hrTimeToNanoseconds(each?.endTime ?? [0, 0]));
    t.ok(Number(outerEnd) >= Number(innerEnd));
    t.match(inner, {
      status: { code: SpanStatusCode.ERROR, message: 'the process ended while this span was open' },
      attributes: { 'tandem.process_ended': true, 'error.type': 'process_ended' },
    });
    open.endAll();
    t.equal(spans().length, 3, 'each once');
  });

  t.test(
    'a read of Redis that waits for something to come has not failed when the process ends',
    async (t) => {
      const { open, spans } = start(t);
      const names = [
        'BZPOPMIN cache:6379',
        'brpoplpush',
        'redis-BLPOP',
        'BZMPOP',
        'BLMPOP',
        'BGSAVE',
        'LPOP',
      ];
      for (const name of names) tracer().startSpan(name);
      for (const text of ['xread BLOCK 0 STREAMS jobs $', 'XREAD STREAMS jobs 0'])
        tracer().startSpan('XREAD', { attributes: { 'db.query.text': text } });
      open.endAll();
      t.ok(spans().every(({ attributes }) => attributes['tandem.process_ended']));
      const failed = spans().filter(({ status }) => status.code === SpanStatusCode.ERROR);
      const textOf = ({ name, attributes }: (typeof failed)[number]) => attributes['db.query.text'] ?? name;
      t.strictSame(failed.map(textOf).sort(), ['BGSAVE', 'LPOP', 'XREAD STREAMS jobs 0']);
    },
  );

  t.test('where the time is up, spans end by a timeout, and say nothing of later ends', async (t) => {
    const { spans } = start(t);
    const said: string[] = [];
    const say = (message: string) => said.push(message);
    diag.setLogger(
      { error: say, warn: say, info() {}, debug() {}, verbose() {} },
      { suppressOverrideMessage: true },
    );
    t.teardown(() => diag.disable());
    const span = tracer().startSpan('hangs');
    endOpenSpans('timeout');
    const later = tracer().startSpan('later');
    t.equal(span.setAttribute('a', 1).setStatus({ code: SpanStatusCode.OK }).updateName('ended'), span);
    span.addEvent('late').recordException(new Error('late'));
    span.end();
    t.match(spans(), [
      {
        name: 'hangs',
        status: { code: SpanStatusCode.ERROR, message: 'the time was up while this span was open' },
        events: [],
      },
    ]);
    t.strictSame(spans()[0]?.attributes, { 'error.type': 'timeout' });
    t.same(said, []);
    later.end();
    later.end();
    t.ok(said.length > 0, 'a mistake of the owner is told as before');
  });

  t.test('a span that has failed already keeps its error', async (t) => {
    const { open, spans } = start(t);
    tracer().startSpan('done').setStatus({ code: SpanStatusCode.OK });
    tracer().startSpan('failed').setStatus({ code: SpanStatusCode.ERROR, message: 'mine' });
    open.endAll();
    t.match(spans(), [
      { name: 'failed', status: { message: 'mine' }, attributes: { 'error.type': undefined } },
      { name: 'done', status: { code: SpanStatusCode.OK } },
    ]);
  });

  t.test('an unreadable error and a throwing processor do not keep other spans from ending', async (t) => {
    const throwing: SpanProcessor = {
      onStart() {},
      onEnd(span) {
        if (span.name === 'bad') throw new Error('cannot end');
      },
      async forceFlush() {},
      async shutdown() {},
    };
    const { open, spans } = start(t, throwing);
    for (const name of ['first', 'bad', 'last']) tracer().startSpan(name);
    const unreadable = Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('cannot be read');
      },
    });
    withSpan('active', {}, () => open.recordUncaught(unreadable));
    open.endAll();
    t.strictSame(namesOf(spans()), ['active', 'last', 'bad', 'first']);
  });

  t.test('the oldest of too many open spans are forgotten', async (t) => {
    const { open, spans } = start(t);
    const names = Array.from({ length: 30_000 }, (_, index) => String(index));
    for (const name of names) tracer().startSpan(name);
    open.endAll();
    t.ok(spans().length < 15_000, `${spans().length} were kept`);
    t.strictSame(
      spans()
        .map(({ name }) => name)
        .reverse(),
      names.slice(-spans().length),
    );
  });
});

for (const [engineName, engine] of Object.entries(ENGINES)) {
  t.test(
    `${engineName}: with every sampler a trace that starts here has the random flag, one from outside keeps its own`,
    async (t) => {
      const propagator = new TraceContextPropagator();
      for (const name of SAMPLERS) {
        const sent = (sampler: Sampler, flags?: number) => {
          const ids = { traceId: '0af7651916cd43dd8480000000000000', spanId: 'b7ad6b7169203331' };
          const remote = { ...ids, traceFlags: flags ?? 0, isRemote: true };
          const context = flags === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote);
          const parts = { resource: emptyResource(), spanProcessors: [] };
          const tracer = engine.createProvider({ ...parts, sampler }).getTracer('test');
          const span = tracer.startSpan('root', {}, context);
          const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, span));
          const headers: Record<string, string> = {};
          propagator.inject(trace.setSpan(ROOT_CONTEXT, child), headers, defaultTextMapSetter);
          return headers.traceparent?.slice(-2);
        };
        const on = name.endsWith('always_off') ? '02' : '03';
        t.equal(sent(samplerNamed(name)), on, `${name}, a new trace`);
        t.match(sent(samplerNamed(name), 1), /^0[01]$/, `${name}, a caller's trace without the flag`);
      }
    },
  );
}
