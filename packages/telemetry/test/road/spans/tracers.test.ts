import { clocks, restoreClocks } from '../../clocks.ts';

// Alone in its process: telemetry takes its clocks when it loads, after the file above.

import { setTimeout as sleep } from 'node:timers/promises';
import type { HrTime, Span } from '@opentelemetry/api';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { withSpan } from '../../../src/index.ts';
import { timeWithin } from '../../../src/road/spans/clock.ts';
import { assertTrace, createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINES } from '../../engines.ts';
import { namesOf } from '../../readable-spans.ts';

for (const [name, engine] of Object.entries(ENGINES))
  t.test(`tracers of ${name}`, async (t) => {
    const exporter = new InMemorySpanExporter();
    const provider = engine.createProvider({
      resource: emptyResource(),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    const tracer = provider.getTracer('test', '1');
    t.beforeEach(() => exporter.reset());

    const nanoseconds = ([seconds, rest]: HrTime) => BigInt(seconds) * 1_000_000_000n + BigInt(rest);
    const finished = (name: string) => {
      const span = exporter.getFinishedSpans().find((span) => span.name === name);
      if (span === undefined) throw new Error(`${name} is not finished`);
      return { start: nanoseconds(span.startTime), end: nanoseconds(span.endTime), span };
    };

    t.test('children lie inside their parents, to the nanosecond', async (t) => {
      for (let i = 0; i < 200; i++) {
        exporter.reset();
        const parent = tracer.startSpan('parent');
        const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, parent));
        child.end();
        parent.end();
        const [outer, nested] = [finished('parent'), finished('child')];
        if (nested.start < outer.start || nested.end > outer.end || nested.end < nested.start)
          t.fail('sticks out');
      }
      t.pass('200 pairs nest');
    });

    t.test('a step of the system clock in the middle of a trace changes nothing in it', async (t) => {
      const { systemNow } = clocks;
      t.teardown(restoreClocks);
      const parent = tracer.startSpan('parent');
      const inParent = trace.setSpan(ROOT_CONTEXT, parent);
      await sleep(1_050); // a new trace compares the clocks once a second
      clocks.systemNow = () => systemNow() - 3_600_000;
      const child = tracer.startSpan('child', {}, inParent);
      child.addEvent('event');
      const record = nanoseconds(timeWithin(child));
      child.end();
      parent.end();
      const [outer, nested] = [finished('parent'), finished('child')];
      t.ok(outer.start <= nested.start && nested.end <= outer.end);
      const [event] = nested.span.events;
      const at = event === undefined ? 0n : nanoseconds(event.time);
      t.ok(nested.start <= at && at <= nested.end);
      t.ok(nested.start <= record && record <= nested.end, 'and a log record is at the time of its span');
    });

    t.test('spans start close to the wall clock', async (t) => {
      tracer.startSpan('now').end();
      const difference = Number(finished('now').start / 1_000_000n) - Date.now();
      t.ok(Math.abs(difference) < 1_000, `${difference} ms`);
    });

    t.test(
      'times that the caller gives are kept: dates, epoch milliseconds, readings of performance.now()',
      async (t) => {
        tracer.startSpan('date', { startTime: new Date(1_700_000_000_123) }).end(1_700_000_000_456);
        t.equal(finished('date').start, 1_700_000_000_123_000_000n);
        t.equal(finished('date').end, 1_700_000_000_456_000_000n);
        tracer.startSpan('hr', { startTime: [1_700_000_000, 5] }).end([1_700_000_001, 7]);
        t.equal(finished('hr').start, 1_700_000_000_000_000_005n);
        t.equal(finished('hr').end, 1_700_000_001_000_000_007n);

        const reading = performance.now();
        await sleep(5);
        const span = tracer.startSpan('earlier', { startTime: reading });
        span.addEvent('then', { a: 1 }, reading);
        span.addEvent('also then', reading);
        span.end();
        const { start, end, span: earlier } = finished('earlier');
        t.ok(end - start >= 4_000_000n);
        t.strictSame(
          earlier.events.map((event) => nanoseconds(event.time)),
          [start, start],
        );
        t.strictSame(earlier.events[0]?.attributes, { a: 1 });
      },
    );

    t.test('an exception event without a time lies inside its span', async (t) => {
      const span = tracer.startSpan('failing');
      span.recordException(new Error('x'));
      span.end();
      const { start, end, span: failing } = finished('failing');
      const at = nanoseconds(failing.events[0]?.time ?? [0, 0]);
      t.ok(start <= at && at <= end);
    });

    t.test('startActiveSpan passes the span and the result through', async (t) => {
      const endWith = (result: number) => (span: Span) => {
        span.end();
        return result;
      };
      t.equal(tracer.startActiveSpan('one', endWith(1)), 1);
      t.equal(tracer.startActiveSpan('two', { attributes: { a: 1 } }, endWith(2)), 2);
      t.equal(tracer.startActiveSpan('three', {}, ROOT_CONTEXT, endWith(3)), 3);
      t.strictSame(namesOf(exporter.getFinishedSpans()), ['one', 'two', 'three']);
    });
  });

t.test('withSpan', async (t) => {
  const telemetry = createTestTelemetry({ serviceName: 'unit' });
  t.teardown(() => telemetry.shutdown());
  t.beforeEach(() => telemetry.reset());

  t.test('children nest through awaits, and results pass through', async (t) => {
    const result = await withSpan('outer', { outer: true }, async () => {
      await withSpan('first', {}, async () => sleep(1));
      return withSpan('second', {}, () => 42);
    });
    t.equal(result, 42);
    t.doesNotThrow(() => assertTrace(telemetry.spans(), 'outer\n  first\n  second'));
    t.strictSame(telemetry.spans().find((span) => span.name === 'outer')?.attributes, { outer: true });
  });

  t.test('parallel spans are siblings, each parent of its own children', async (t) => {
    await withSpan('root', {}, () =>
      Promise.all(
        ['a', 'b', 'c'].map((name) =>
          withSpan(name, {}, async () => {
            await sleep(1);
            await withSpan(`${name}-child`, {}, async () => {});
          }),
        ),
      ),
    );
    const tree = 'root\n  a\n    a-child\n  b\n    b-child\n  c\n    c-child';
    t.doesNotThrow(() => assertTrace(telemetry.spans(), tree));
  });

  t.test('a thrown error and a rejection are recorded and passed on unchanged', async (t) => {
    const error = Object.assign(new TypeError('no such thing'), { code: 'E_NONE' });
    t.throws(
      () =>
        withSpan('sync', {}, () => {
          throw error;
        }),
      error,
    );
    await t.rejects(
      withSpan('async', {}, async () => {
        throw error;
      }),
      error,
    );
    for (const span of telemetry.spans()) {
      t.match(span, {
        status: { code: 2, message: 'no such thing' },
        attributes: { 'error.type': 'E_NONE' },
        ended: true,
      });
      t.match(span.events, [
        {
          name: 'exception',
          attributes: { 'exception.type': 'E_NONE', 'exception.message': 'no such thing' },
        },
      ]);
    }
    t.equal(telemetry.spans().length, 2);
  });

  t.test('a thrown non-error is recorded too', async (t) => {
    t.throws(() =>
      withSpan('odd', {}, () => {
        throw 'text';
      }),
    );
    t.match(telemetry.spans()[0], {
      status: { code: 2, message: 'text' },
      attributes: { 'error.type': '_OTHER' },
    });
  });

  t.test('the active span is restored afterwards', async (t) => {
    withSpan('once', {}, (span) => t.equal(trace.getActiveSpan(), span));
    t.equal(trace.getActiveSpan(), undefined);
  });
});
