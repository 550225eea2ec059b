import { decodeRequest, startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { createStockDelivery } from '../../src/delivery/stock-delivery.ts';
import { names, startDelivery } from './harness.ts';

t.test('the stock pair and ours send the same spans, byte-decoded', async (t) => {
  const [first, second] = [await startOtlpReceiver(), await startOtlpReceiver()];
  t.teardown(() => Promise.all([first.close(), second.close()]));
  const ours = startDelivery(t, { destinations: [{ url: first.tracesUrl }] });
  const destination = {
    name: 'stock',
    url: second.tracesUrl,
    headers: { 'x-key': 'k' },
    timeoutMs: 2_000,
    compression: 'gzip',
    tls: undefined,
  } as const;
  const stock = createStockDelivery({
    serviceName: 'test-service',
    destinations: [destination],
    batch: { maxQueueSize: 2048, maxExportBatchSize: 512, scheduleDelayMs: 60_000, exportTimeoutMs: 5_000 },
    reporter: { report() {}, recovered() {}, finish() {} },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  for (const span of ours.end(...names(100))) stock.processor.onEnd(span);
  await Promise.all([ours.delivery.flush(), stock.flush()]);
  t.same(
    first.requests.map(({ body }) => decodeRequest(body)),
    second.requests.map(({ body }) => decodeRequest(body)),
  );
  t.match(second.requests, [{ headers: { 'x-key': 'k', 'content-encoding': 'gzip' } }]);
  t.match(stock.counters().destinations, [{ ended: 100, exported: 100, queue: { items: 0 } }]);
  await stock.shutdown(1_000);
});

t.test('what the stock exporter gives up is counted and reported', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 400 });
  const harness = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl }],
    create: createStockDelivery,
  });
  harness.end('one', 'two');
  t.equal(harness.delivery.spillSync(), 2, 'it has nowhere to put them');
  await harness.delivery.flush();
  t.match(harness.delivery.counters().destinations, [{ lost: { rejected: 2 } }]);
  t.same(harness.reports, ['rejected 2']);
});
