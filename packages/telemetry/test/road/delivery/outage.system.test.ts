import { LoggerProvider } from '@opentelemetry/sdk-logs';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { LOG_RECORDS } from '../../../src/road/delivery/signal.ts';
import { startReceiver } from '../../receiver.ts';
import { deliverTo, names, startDelivery, temporaryDirectory } from './harness.ts';

/** Requests at once to a backend that takes items. */
const MOST = 16;

t.test('one destination being down neither delays nor loses the spans of another', async (t) => {
  const [hanging, up] = [await startReceiver(t, 'hang'), await startReceiver(t)];
  const nowhere = 'http://127.0.0.1:1/v1/traces';
  const destinations = [hanging.tracesUrl, up.tracesUrl, nowhere].map((url) => ({ url }));
  const harness = startDelivery(t, { destinations, dataDirectory: temporaryDirectory(t) });
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
  const receiver = await startReceiver(t, { status: 503 });
  const batch = { maxExportBatchSize: 7, scheduleDelayMs: 10 };
  const harness = deliverTo(t, receiver, { dataDirectory: temporaryDirectory(t), batch });
  const made = names(100);
  harness.end(...made.slice(0, 60));
  await harness.delivery.flush();
  harness.end(...made.slice(60));
  await harness.delivery.flush();
  t.match(harness.delivery.counters(), [{ exported: 0, spool: { items: 100 } }]);
  receiver.answer = () => ({ status: 200 });
  await receiver.waitFor(() => receiver.accepted.length >= 100);
  t.same(receiver.accepted, made, 'each once, and in the order they ended');
  await until(() => harness.counters().spool.bytes === 0);
  t.ok(harness.isBalanced());
  t.match(harness.logged, [
    /^Spans did not reach .*: the backend takes no more .* No spans lost so far\.$/,
    /^Spans reach .* again, after \d+ s\. No spans lost so far\.$/,
  ]);
});

t.test('what a login page answers with 200 waits on disk, spans and lines, and is said once', async (t) => {
  const receiver = await startReceiver(t);
  const { answer } = receiver;
  const dataDirectory = temporaryDirectory(t);
  const spans = deliverTo(t, receiver, { dataDirectory });
  const lines = startDelivery(t, {
    signal: LOG_RECORDS,
    destinations: [{ url: `${receiver.url}/v1/logs` }],
    dataDirectory,
  });
  const logger = new LoggerProvider({ processors: [lines.delivery.processor] }).getLogger('test');
  receiver.answer = () => ({ status: 200, body: '<!doctype html><title>Sign in</title>' });
  for (const name of names(10)) {
    spans.end(name);
    logger.emit({ body: name });
  }
  for (const { delivery } of [spans, lines]) await delivery.flush();
  for (const { counters } of [spans, lines])
    await until(() => counters().requests.retry > 0 && counters().spool.items === 10);
  receiver.reset();
  receiver.answer = answer;
  await receiver.waitFor(() => receiver.accepted.length >= 10 && receiver.acceptedLogs.length >= 10);
  t.same(receiver.accepted, names(10));
  t.same(receiver.acceptedLogs, names(10));
  for (const { logged, isBalanced } of [spans, lines]) {
    await until(() => logged.length === 2);
    t.match(logged, [/did not reach .*: a web page answers there, .*"HTML: Sign in"/, / reach .* again/]);
    t.ok(isBalanced());
  }
});

t.test('a backend that answers "ok" takes all, and has one line', async (t) => {
  const receiver = await startReceiver(t, { status: 200, body: 'ok' });
  const harness = deliverTo(t, receiver, { dataDirectory: temporaryDirectory(t) });
  for (const name of names(3)) {
    harness.end(name);
    await harness.delivery.flush();
  }
  await until(() => harness.counters().exported === 3);
  t.match(harness.counters(), { spool: { items: 0 }, requests: { retry: 0 } });
  t.match(harness.logged, [/"ok".*counts as taken/]);
  t.equal(harness.logged.length, 1);
});

t.test('a backend that fails is left alone for a while', async (t) => {
  const receiver = await startReceiver(t, { status: 429 });
  const harness = deliverTo(t, receiver, { dataDirectory: temporaryDirectory(t) });
  for (let round = 0; round < 3; round++) {
    harness.end(...names(10));
    await harness.delivery.flush();
  }
  t.equal(receiver.requests.length, 1);
  t.match(harness.delivery.counters(), [{ spool: { items: 30 } }]);
});

t.test('a backend that fails is probed with one request at a time', async (t) => {
  const receiver = await startReceiver(t);
  let underWay = 0;
  const together: number[] = [];
  const allCame = Promise.withResolvers<void>();
  receiver.answer = async () => {
    if (together.push(++underWay) === MOST) allCame.resolve();
    await allCame.promise;
    await new Promise((resolve) => setTimeout(resolve, 20));
    underWay--;
    return { status: 503 };
  };
  const batch = { maxQueueSize: 100, maxExportBatchSize: 1, scheduleDelayMs: 10 };
  const harness = deliverTo(t, receiver, { batch });
  harness.end(...names(MOST + 4));
  await receiver.waitFor(() => receiver.requests.length >= MOST + 2);
  t.same(
    together.slice(0, MOST),
    Array.from({ length: MOST }, (_, before) => before + 1),
  );
  t.same([...new Set(together.slice(MOST))], [1]);
});

t.test('a long backlog is sent one file at a time, and new spans do not wait for its end', async (t) => {
  const receiver = await startReceiver(t);
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
  const batch = { maxExportBatchSize: 100, scheduleDelayMs: 10 };
  const harness = deliverTo(t, receiver, { dataDirectory, batch });
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

t.test('the number of waiting spans is bounded by OTEL_BSP_MAX_QUEUE_SIZE', async (t) => {
  const batch = { maxQueueSize: 20, maxExportBatchSize: 10, scheduleDelayMs: 10 };
  const harness = startDelivery(t, { batch });
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
