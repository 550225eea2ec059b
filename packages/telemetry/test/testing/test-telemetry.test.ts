import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../src/index.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';

t.test('it behaves as telemetry in production: propagators, random trace ids and clock', async (t) => {
  const telemetry = createTestTelemetry({ serviceName: 'mine' });
  t.teardown(() => telemetry.shutdown());
  t.throws(() => createTestTelemetry(), { message: /registered already/ });

  const headers = { traceparent: '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', baggage: 'a=1' };
  const extracted = propagation.extract(ROOT_CONTEXT, headers);
  t.equal(trace.getSpanContext(extracted), undefined, 'upper case is refused');
  t.equal(propagation.getBaggage(extracted)?.getEntry('a')?.value, '1');

  const carrier: Record<string, string> = {};
  withSpan('outer', {}, () => {
    withSpan('inner', {}, () => propagation.inject(context.active(), carrier));
  });
  t.match(carrier.traceparent, /-03$/, 'sampled and random');
  const [inner, outer] = telemetry.spans();
  if (inner === undefined || outer === undefined) throw new Error('two spans were made');
  const nanoseconds = ([seconds, rest]: [number, number]) => BigInt(seconds) * 1_000_000_000n + BigInt(rest);
  t.ok(nanoseconds(inner.startTime) >= nanoseconds(outer.startTime), 'the child starts after its parent');
  t.ok(nanoseconds(inner.endTime) <= nanoseconds(outer.endTime), 'and ends before it');
  t.equal(outer.resource.attributes['service.name'], 'mine');
  telemetry.reset();
  t.strictSame(telemetry.spans(), []);
});

t.test('after its shutdown the next one can start', async (t) => {
  await createTestTelemetry().shutdown();
  t.equal(
    withSpan('nobody looks', {}, (span) => span.isRecording()),
    false,
  );
  const second = createTestTelemetry();
  withSpan('seen', {}, () => {});
  t.equal(second.spans().length, 1);
  await second.shutdown();
});
