import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { names, startDelivery, temporaryDirectory } from './harness.ts';

t.test('shutdown sends waiting spans, and makes no file when all are sent', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  // Repeated when the machine was too busy to answer within 150 ms, because a late batch is written to disk.
  await until(async () => {
    const directory = temporaryDirectory(t);
    const { delivery, end } = startDelivery(t, {
      destinations: [{ url: receiver.tracesUrl }],
      dataDirectory: directory,
    });
    receiver.reset();
    end('sent');
    await delivery.shutdown(5_000);
    t.same(receiver.accepted, ['sent']);
    return !existsSync(join(directory, 'test-service'));
  });
});

t.test('with a backend that hangs, shutdown keeps the deadline, and the spans', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const directory = temporaryDirectory(t);

  receiver.answer = () => 'hang';
  const second = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl }],
    dataDirectory: directory,
  });
  second.end(...names(10));
  await second.delivery.shutdown(20);
  t.match(second.delivery.counters(), [{ exported: 0, lost: { shutdown: 0 } }]);
  second.end('late');
  t.match(second.delivery.counters(), [{ lost: { shutdown: 1 } }]);

  receiver.answer = () => ({ status: 200 });
  const third = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], dataDirectory: directory });
  await receiver.waitFor(() => receiver.accepted.length === 10);
  t.same(receiver.accepted, names(10));
  t.match(third.delivery.counters(), [{ recovered: 10 }]);
});

t.test('shutdown sends the spool too, when the backend takes it', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } });
  const dataDirectory = temporaryDirectory(t);
  const first = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], dataDirectory });
  first.end(...names(20, 'x'.repeat(50_000)));
  await first.delivery.shutdown(60_000);
  t.match(first.delivery.counters(), [{ exported: 0, lost: { shutdown: 0 } }]);
  receiver.answer = () => ({ status: 200 });
  const second = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], dataDirectory });
  second.end('last');
  await second.delivery.shutdown(60_000);
  t.match(second.delivery.counters(), [{ exported: 21, recovered: 20 }]);
});

t.test('shutdown without a spool counts unsent spans', async (t) => {
  const harness = startDelivery(t, { destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }] });
  harness.end(...names(10));
  await harness.delivery.shutdown(20);
  t.match(harness.delivery.counters(), [{ lost: { shutdown: 10 }, queue: { items: 0 } }]);
  await harness.delivery.shutdown(20);
  t.ok(harness.isBalanced());
});
