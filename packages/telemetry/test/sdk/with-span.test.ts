import { setTimeout as sleep } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../src/index.ts';
import { assertTrace, createTestTelemetry } from '../../src/testing/index.ts';

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
      { name: 'exception', attributes: { 'exception.type': 'E_NONE', 'exception.message': 'no such thing' } },
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
