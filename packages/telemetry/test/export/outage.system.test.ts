import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { names, startDelivery, temporaryDirectory } from './harness.ts';

t.test('one destination being down neither delays nor loses the spans of another', async (t) => {
  const [up, hanging] = [await startOtlpReceiver(), await startOtlpReceiver()];
  t.teardown(() => Promise.all([up.close(), hanging.close()]));
  hanging.answer = () => 'hang';
  const harness = startDelivery(t, {
    destinations: [
      { url: hanging.tracesUrl },
      { url: up.tracesUrl },
      { url: 'http://127.0.0.1:1/v1/traces' },
    ],
    dataDirectory: temporaryDirectory(t),
  });
  for (let round = 0; round < 5; round++) {
    harness.end(...names(20, `round-${round}`));
    await up.waitFor(() => up.accepted.length === (round + 1) * 20);
  }
  await until(() => harness.delivery.counters().every(({ queue }) => queue.items === 0));
  t.match(harness.delivery.counters(), [
    { exported: 0, spool: { items: 100 } },
    // On a busy machine, a batch may be on disk before the answer comes. The batch is still sent once.
    { exported: 100, requests: { taken: 5, retry: 0 }, spool: { items: 0 } },
    { exported: 0, spool: { items: 100 } },
  ]);
  t.ok(harness.isBalanced());
});

t.test('spans that were kept while the backend was away are sent in order when it is back', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 503 } : { status: 200 });
  const directory = temporaryDirectory(t);
  const batch = { maxQueueSize: 2048, maxExportBatchSize: 7, scheduleDelayMs: 10, exportTimeoutMs: 700 };
  const harness = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl }],
    dataDirectory: directory,
    batch,
  });
  const made = names(100);
  harness.end(...made.slice(0, 60));
  await harness.delivery.flush();
  harness.end(...made.slice(60));
  await harness.delivery.flush();
  t.match(harness.delivery.counters(), [{ exported: 0, spool: { items: 100 } }]);
  isAway = false;
  await receiver.waitFor(() => receiver.accepted.length >= 100);
  t.same(receiver.accepted, made, 'each once, and in the order they ended');
  await until(() => harness.counters().spool.bytes === 0);
  t.ok(harness.isBalanced());
  t.match(harness.logged, [
    /^Spans could not be sent to .*: the backend takes no more .* No spans lost so far\.$/,
    /^Spans are sent to .* again, after \d+ s\. No spans lost so far\.$/,
  ]);
});

t.test('a backend that fails is left alone for a while', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 429 });
  const harness = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl }],
    dataDirectory: temporaryDirectory(t),
  });
  for (let round = 0; round < 3; round++) {
    harness.end(...names(10));
    await harness.delivery.flush();
  }
  t.equal(receiver.requests.length, 1);
  t.match(harness.delivery.counters(), [{ spool: { items: 30 } }]);
});

t.test('a backend that fails is probed with one request at a time', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let underWay = 0;
  const together: number[] = [];
  const fourCame = Promise.withResolvers<void>();
  receiver.answer = async () => {
    if (together.push(++underWay) === 4) fourCame.resolve();
    await fourCame.promise;
    await new Promise((resolve) => setTimeout(resolve, 20));
    underWay--;
    return { status: 503 };
  };
  const batch = { maxQueueSize: 100, maxExportBatchSize: 1, scheduleDelayMs: 10, exportTimeoutMs: 700 };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], batch });
  harness.end(...names(20));
  await receiver.waitFor(() => receiver.requests.length >= 6);
  t.same(together.slice(0, 4), [1, 2, 3, 4]);
  t.same([...new Set(together.slice(4))], [1]);
});

t.test('a long backlog is sent one file at a time, and new spans do not wait for its end', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  let underWay = 0;
  receiver.answer = async () => {
    if (isAway) return { status: 503 };
    t.ok(++underWay <= 2, 'a file and a new batch');
    await new Promise((resolve) => setTimeout(resolve, 200));
    underWay--;
    return { status: 200 };
  };
  const dataDirectory = temporaryDirectory(t);
  const batch = { maxQueueSize: 2048, maxExportBatchSize: 100, scheduleDelayMs: 10, exportTimeoutMs: 700 };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], dataDirectory, batch });
  const backlog = names(700, 'backlog'.padEnd(10_000, '.'));
  harness.end(...backlog);
  await harness.delivery.flush();
  isAway = false;
  await receiver.waitFor(() => receiver.accepted.length > 0);
  harness.end('fresh');
  await receiver.waitFor(() => receiver.accepted.length === backlog.length + 1);
  t.ok(receiver.accepted.indexOf('fresh') < backlog.length / 2);
  t.same(
    receiver.accepted.filter((name) => name !== 'fresh'),
    backlog,
  );
});

t.test('without a spool, spans wait in memory and are sent when the backend is back', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 429 } : { status: 200 });
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  harness.end(...names(50));
  await harness.delivery.flush();
  t.match(harness.delivery.counters(), [{ exported: 0, queue: { items: 50 } }]);
  isAway = false;
  await receiver.waitFor(() => receiver.accepted.length >= 50);
  t.same(receiver.accepted, names(50));
});

t.test('the number of waiting spans is bounded by OTEL_BSP_MAX_QUEUE_SIZE', async (t) => {
  const batch = { maxQueueSize: 20, maxExportBatchSize: 10, scheduleDelayMs: 10, exportTimeoutMs: 700 };
  const harness = startDelivery(t, { destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }], batch });
  harness.end(...names(50));
  await harness.delivery.flush();
  t.match(harness.counters(), { queue: { items: 20, capacity: 20 }, lost: { queue_full: 30 } });
  t.match(
    harness.logged[0],
    /^Spans for destination-0 are lost, so far: queue_full \d+\.$/,
    'and said, seldom',
  );
  await harness.delivery.shutdown(0);
  t.match(harness.counters(), { lost: { queue_full: 30, shutdown: 20 } });
  t.ok(harness.isBalanced());
});
