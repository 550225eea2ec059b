import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { startReceiver } from '../../receiver.ts';
import { deliverTo, names, startDelivery, temporaryDirectory } from './harness.ts';

t.test('shutdown sends waiting spans, and makes no file when all are sent', async (t) => {
  const receiver = await startReceiver(t);
  // Repeated when the machine was too busy to answer within 150 ms, because a late batch is written to disk.
  await until(async () => {
    const directory = temporaryDirectory(t);
    const { delivery, end } = deliverTo(t, receiver, { dataDirectory: directory });
    receiver.reset();
    end('sent');
    await delivery.shutdown(5_000);
    t.same(receiver.accepted, ['sent']);
    return !existsSync(join(directory, 'spool'));
  });
});

t.test('with a backend that hangs, shutdown keeps the deadline, and the spans', async (t) => {
  const receiver = await startReceiver(t, 'hang');
  const directory = temporaryDirectory(t);
  const second = deliverTo(t, receiver, { dataDirectory: directory });
  second.end(...names(10));
  await second.delivery.shutdown(20);
  t.match(second.delivery.counters(), [{ exported: 0, lost: { shutdown: 0 } }]);
  second.end('late');
  t.match(second.delivery.counters(), [{ lost: { shutdown: 1 } }]);

  receiver.answer = () => ({ status: 200 });
  const third = deliverTo(t, receiver, { dataDirectory: directory });
  await receiver.waitFor(() => receiver.accepted.length === 10);
  t.same(receiver.accepted, names(10));
  t.match(third.delivery.counters(), [{ recovered: 10 }]);
});

t.test('shutdown sends the spool too, when the backend takes it', async (t) => {
  const receiver = await startReceiver(t, { status: 503, headers: { 'retry-after': '3600' } });
  const dataDirectory = temporaryDirectory(t);
  const first = deliverTo(t, receiver, { dataDirectory });
  first.end(...names(20, 'x'.repeat(50_000)));
  await first.delivery.shutdown(60_000);
  t.match(first.delivery.counters(), [{ exported: 0, lost: { shutdown: 0 } }]);
  receiver.answer = () => ({ status: 200 });
  const second = deliverTo(t, receiver, { dataDirectory });
  second.end('last');
  await second.delivery.shutdown(60_000);
  t.match(second.delivery.counters(), [{ exported: 21, recovered: 20 }]);
});

t.test('shutdown without a spool counts unsent spans', async (t) => {
  const harness = startDelivery(t);
  harness.end(...names(10));
  await harness.delivery.shutdown(20);
  t.match(harness.delivery.counters(), [{ lost: { shutdown: 10 }, queue: { items: 0 } }]);
  await harness.delivery.shutdown(20);
  t.ok(harness.isBalanced());
});

t.test('a dying process without a disk counts the spans that it could not send', async (t) => {
  const receiver = await startReceiver(t, 'hang');
  for (const isSent of [false, true]) {
    receiver.reset();
    const dying = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
    dying.end(...names(10));
    await receiver.waitFor(() => receiver.requests.length === 1);
    dying.end(...names(5, 'late'));
    if (isSent) {
      const last = dying.delivery.lastRequests();
      t.equal(last.length, 2, 'the request under way too');
      for (const { done } of last) done(undefined);
    } else t.equal(dying.delivery.spillSync(false), 15, 'a thread that goes on may send them yet');
    t.match(dying.counters(), { lost: { shutdown: isSent ? 15 : 0 } });
    dying.delivery.spillSync();
    t.match(dying.counters(), { lost: { shutdown: 15 }, queue: { items: 0 } });
    t.ok(dying.isBalanced());
  }
});

t.test('a dying process keeps the spans of a request under way', async (t) => {
  const receiver = await startReceiver(t, 'hang');
  const dataDirectory = temporaryDirectory(t);
  const first = deliverTo(t, receiver, { dataDirectory });
  first.end(...names(100));
  await receiver.waitFor(() => receiver.requests.length === 1);
  first.end(...names(100, 'late'));
  t.equal(first.delivery.spillSync(), 0);
  t.match(first.counters(), { queue: { items: 0 }, spool: { items: 200 } });
  await first.delivery.shutdown(0);
  receiver.answer = () => ({ status: 200 });
  deliverTo(t, receiver, { dataDirectory });
  await receiver.waitFor(() => receiver.accepted.length >= 200);
  t.same(receiver.accepted, [...names(100), ...names(100, 'late')], 'each once, in order');
});
