import { AsyncLocalStorage } from 'node:async_hooks';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider, SamplingDecision } from '@opentelemetry/sdk-trace-node';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { processorOf } from '../../../src/road/spans/span-steps.ts';
import { startReceiver } from '../../receiver.ts';
import type { Harness } from './harness.ts';
import { deliverTo, ENGINE_SPANS, names, startDelivery, temporaryDirectory } from './harness.ts';

t.test('spans are sent within the schedule delay, without anybody asking', async (t) => {
  const receiver = await startReceiver(t);
  const { delivery, end } = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl, headers: { 'x-key': 'k' } }],
  });
  end('one', 'two');
  await receiver.waitFor(() => receiver.accepted.length === 2);
  t.same(receiver.accepted, ['one', 'two']);
  t.match(receiver.requests[0]?.headers, { 'x-key': 'k', 'content-type': 'application/x-protobuf' });
  await delivery.flush();
  t.match(delivery.counters(), [{ ended: 2, exported: 2, queue: { items: 0 } }]);
});

t.test('a full batch is sent at once, and none is larger than the setting', async (t) => {
  const receiver = await startReceiver(t);
  const batch = { maxExportBatchSize: 10, scheduleDelayMs: 3_600_000 };
  const { end } = deliverTo(t, receiver, { batch });
  end(...names(35));
  await receiver.waitFor(() => receiver.accepted.length === 30);
  t.ok(receiver.requests.every((request) => request.spans.length <= 10));
});

t.test('a span that cannot be encoded takes none of its neighbours with it', async (t) => {
  const receiver = await startReceiver(t);
  const harness = deliverTo(t, receiver);
  const [span] = harness.end('before', 'after') as [ReadableSpan];
  const broken: ReadableSpan = Object.create(span, {
    name: { value: 'broken' },
    attributes: { get: cannotBeRead },
  });
  for (let i = 0; i < 2; i++) harness.delivery.processor.onEnd(broken);
  harness.end('last');
  await harness.delivery.flush();
  t.same(receiver.accepted, ['before', 'after', 'last']);
  t.match(harness.delivery.counters(), [{ ended: 5, exported: 3, lost: { unencodable: 2 } }]);
  t.match(harness.logged, [/^Spans for destination-0 are lost, so far: unencodable 2\.$/], 'said once');
  t.ok(harness.isBalanced());
});

t.test('spans that a logger ends while other spans are encoded are sent once', async (t) => {
  const receiver = await startReceiver(t);
  const log = { debug() {}, info() {}, error() {}, warn: () => void harness.end(...names(64, 'logger')) };
  const harness = deliverTo(t, receiver, { dataDirectory: temporaryDirectory(t), log });
  const [span] = harness.end('first') as [ReadableSpan];
  harness.delivery.processor.onEnd(Object.create(span, { attributes: { get: cannotBeRead } }));
  harness.end('last');
  await receiver.waitFor(() => receiver.accepted.length === 66);
  t.same(receiver.accepted.toSorted(), ['first', 'last', ...names(64, 'logger')].toSorted());
});

t.test('a span that is recorded and not sampled is not sent', async (t) => {
  const receiver = await startReceiver(t);
  const { delivery } = deliverTo(t, receiver);
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.RECORD }) };
  const provider = new NodeTracerProvider({ sampler, spanProcessors: [processorOf([delivery.processor])] });
  provider.getTracer('test').startSpan('unsampled').end();
  await delivery.flush();
  t.equal(receiver.requests.length, 0);
  t.match(delivery.counters(), [{ ended: 0 }]);
});

t.test('spans that the backend refuses for good are counted and not sent again', async (t) => {
  const receiver = await startReceiver(t);
  for (const status of [400, 422, 501, 505]) {
    receiver.requests.length = 0;
    receiver.answer = () => ({ status });
    const harness = deliverTo(t, receiver);
    harness.end('refused');
    await harness.delivery.flush();
    t.equal(receiver.requests.length, 1, `${status} is asked once`);
    t.match(harness.delivery.counters(), [{ lost: { rejected: 1 }, queue: { items: 0 } }]);
    t.match(harness.logged, [/ 1 span lost so far\.$/]);
  }
});

t.test('a batch that a broken backend fails at is kept, and keeps no other from arriving', async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = ({ spanNames }) => ({ status: spanNames.includes('poison') ? 500 : 200 });
  const harness = deliverTo(t, receiver, { dataDirectory: temporaryDirectory(t) });
  harness.end('poison');
  await until(() => harness.counters()?.spool.items === 1);
  harness.end('later');
  await receiver.waitFor(() => receiver.accepted.includes('later'));
  t.match(harness.counters(), { lost: { rejected: 0 } });
  receiver.answer = () => ({ status: 200 });
  await receiver.waitFor(() => receiver.accepted.includes('poison'));
});

t.test('a backend that takes no gzip gets the waiting spans when compression is switched off', async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = ({ headers }) => ({ status: headers['content-encoding'] === 'gzip' ? 415 : 200 });
  const dataDirectory = temporaryDirectory(t);
  const packed = startDelivery(t, {
    dataDirectory,
    destinations: [{ name: 'otlp', url: receiver.tracesUrl, compression: 'gzip' }],
  });
  packed.end('kept');
  await until(() => packed.counters()?.spool.items === 1);
  t.match(packed.logged, [/415, .*OTEL_EXPORTER_OTLP_COMPRESSION=none.* No spans lost so far\.$/]);
  await packed.delivery.shutdown(2_000);
  startDelivery(t, { dataDirectory, destinations: [{ name: 'otlp', url: receiver.tracesUrl }] });
  await receiver.waitFor(() => receiver.accepted.includes('kept'));
});

t.test('spans that a backend did not take out of an accepted request are counted and reported', async (t) => {
  const receiver = await startReceiver(t);
  // partial_success { rejected_spans: 3, error_message: "no" }
  receiver.answer = () => ({ status: 200, body: Uint8Array.of(0x0a, 6, 0x08, 3, 0x12, 2, 0x6e, 0x6f) });
  const harness = deliverTo(t, receiver);
  harness.end(...names(10));
  await harness.delivery.flush();
  t.match(harness.delivery.counters(), [{ exported: 7, lost: { rejected: 3 } }]);
  t.match(harness.logged, [/it rejected part of the batch \("no"\)\. .* 3 spans lost so far\.$/]);
});

t.test('sending does not keep the context of the request in which a batch became full', async (t) => {
  const receiver = await startReceiver(t);
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  receiver.answer = () => ({ status: 400 });
  const log = { debug() {}, info() {}, error() {}, warn: () => void seen.push(storage.getStore()) };
  const batch = { maxQueueSize: 10, maxExportBatchSize: 1, scheduleDelayMs: 10 };
  const harness = deliverTo(t, receiver, { log, batch });
  storage.run('request', () => harness.end('one'));
  await until(() => seen.length > 0);
  t.same(seen, [undefined]);
});

t.test(
  'a batch that is too large there is sent in halves, and only a span too large alone is lost',
  async (t) => {
    const receiver = await startReceiver(t);
    receiver.answer = ({ body }) => ({ status: body.length > 5_000 ? 413 : 200 });
    for (const disk of [{}, { dataDirectory: temporaryDirectory(t) }]) {
      receiver.accepted.length = 0;
      const harness = deliverTo(t, receiver, disk);
      harness.end('huge'.repeat(1500), ...names(100));
      await harness.delivery.flush();
      await until(() => harness.counters().spool.items + harness.counters().queue.items === 0);
      t.same(receiver.accepted.toSorted(), names(100).toSorted());
      t.match(harness.counters(), { exported: 100, lost: { too_large: 1 }, queue: { items: 0 } });
      t.match(harness.logged, [
        /413, .* \(6\d\d\d bytes\)\. .*OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT.* 1 span lost so far\.$/,
      ]);
      t.ok(harness.isBalanced());
    }
  },
);

t.test('files of the spool that are too large there are sent in halves', async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = () => ({ status: 503 });
  const dataDirectory = temporaryDirectory(t);
  const before = deliverTo(t, receiver, { dataDirectory });
  before.end(...names(200));
  await until(() => before.counters().spool.items === 200);
  await before.delivery.shutdown(0);
  receiver.answer = ({ spanNames }) => ({ status: spanNames.length > 16 ? 413 : 200 });
  const after = deliverTo(t, receiver, { dataDirectory });
  await until(() => after.counters().exported === 200);
  t.same(receiver.accepted.toSorted(), names(200).toSorted());
  t.match(after.counters(), { recovered: 200, lost: { too_large: 0 } });
  t.ok(after.isBalanced());
});

t.test('a backend to which everything is too large does not get each span alone', async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = () => ({ status: 413 });
  const harness = deliverTo(t, receiver, { batch: { maxQueueSize: 4096 } });
  harness.end(...names(2048));
  await harness.delivery.flush();
  await until(() => harness.counters().lost.too_large === 2048);
  t.ok(receiver.requests.length < 300, `${receiver.requests.length} requests`);
  t.ok(harness.isBalanced());
  receiver.answer = ({ spanNames }) => ({ status: spanNames.length > 16 ? 413 : 200 });
  harness.end('small');
  await harness.delivery.flush();
  harness.end(...names(100));
  await harness.delivery.flush();
  await until(() => harness.counters().exported === 101);
});

/** Ends a span. @returns how often the span was encoded by now: an encoder may read a name twice */
function endCounted({ delivery, end }: Harness): () => number {
  let reads = 0;
  const name = () => {
    reads++;
    return 'counted';
  };
  const [span] = end('before') as [ReadableSpan];
  const counted: ReadableSpan = Object.create(span, { name: { get: name } });
  ENGINE_SPANS.encode([counted]);
  const readsOfOne = reads;
  reads = 0;
  delivery.processor.onEnd(counted);
  return () => reads / readsOfOne;
}

t.test('a batch that is late is encoded once, for its request and for its file', async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = () => 'hang';
  const harness = deliverTo(t, receiver, { dataDirectory: temporaryDirectory(t) });
  const encodings = endCounted(harness);
  await until(() => harness.counters().spool.items === 2);
  t.equal(receiver.requests.length, 1);
  t.equal(encodings(), 1);
});

t.test('a batch of two destinations is encoded once, and both get the same bytes', async (t) => {
  const receivers = [await startReceiver(t), await startReceiver(t)] as const;
  const harness = startDelivery(t, { destinations: receivers.map(({ tracesUrl: url }) => ({ url })) });
  const encodings = endCounted(harness);
  await harness.delivery.flush();
  for (const { accepted } of receivers) t.same(accepted, ['before', 'counted']);
  t.equal(encodings(), 1);
  t.same(receivers[0].requests[0]?.body, receivers[1].requests[0]?.body);
});

t.test('a span that cannot be encoded is counted at each destination', async (t) => {
  const receivers = [await startReceiver(t), await startReceiver(t)] as const;
  const harness = startDelivery(t, { destinations: receivers.map(({ tracesUrl: url }) => ({ url })) });
  const [span] = harness.end('whole') as [ReadableSpan];
  harness.delivery.processor.onEnd(Object.create(span, { attributes: { get: cannotBeRead } }));
  await harness.delivery.flush();
  const counts = { ended: 2, exported: 1, lost: { unencodable: 1 } };
  t.match(harness.delivery.counters(), [counts, counts]);
  t.ok(harness.isBalanced());
});

function cannotBeRead(): never {
  throw new Error('These attributes cannot be read');
}
