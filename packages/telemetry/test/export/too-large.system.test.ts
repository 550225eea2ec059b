import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { names, startDelivery, temporaryDirectory } from './harness.ts';

t.test(
  'a batch refused as too large is split until it fits; a span too large alone is counted',
  async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    receiver.answer = ({ body }) => ({ status: body.length > 2_000 ? 413 : 200 });
    const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
    const huge = 'huge'.repeat(1000);
    harness.end(...names(30), huge, ...names(30, 'after'));
    await harness.delivery.flush();
    t.same(receiver.accepted, [...names(30), ...names(30, 'after')]);
    t.match(harness.delivery.counters().destinations, [{ exported: 60, lost: { too_large: 1 } }]);
    t.ok(harness.reports.includes('too-large 1'));
  },
);

t.test('of a backend that answers 413 to everything, each span is lost alone', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 413 });
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  harness.end(...names(20));
  await harness.delivery.flush();
  t.match(harness.delivery.counters().destinations, [{ lost: { too_large: 20 }, queue: { items: 0 } }]);
  t.ok(harness.isBalanced());
});

t.test('a batch is split no longer than OTEL_EXPORTER_OTLP_TIMEOUT, and the rest is kept', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isSlow = true;
  receiver.answer = async () => {
    if (!isSlow) return { status: 200 };
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { status: 413 };
  };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl, timeoutMs: 350 }] });
  harness.end(...names(500));
  await until(() => harness.reports.includes('timeout 0'));
  isSlow = false;
  await until(() => receiver.accepted.length === 500);
  t.ok(harness.isBalanced());
});

t.test('the part of a split batch that could not be sent is kept, and only that part', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let answers = 0;
  receiver.answer = ({ spans }) => {
    if (spans.length > 25) return { status: 413 };
    return ++answers === 3 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 };
  };
  const spool = { directory: temporaryDirectory(t) };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  harness.end(...names(100));
  await receiver.waitFor(() => receiver.accepted.length >= 100);
  t.same(receiver.accepted, names(100));
});
