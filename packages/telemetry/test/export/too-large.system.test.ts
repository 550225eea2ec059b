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

t.test('a backend that answers 413 to everything is left alone after a few single spans', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 413, headers: { 'retry-after': '3600' } });
  for (const maxExportBatchSize of [512, 1]) {
    receiver.requests.length = 0;
    const batch = { maxQueueSize: 2048, maxExportBatchSize, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
    const spool = { directory: temporaryDirectory(t) };
    const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool, batch });
    harness.end(...names(400));
    await harness.delivery.flush();
    harness.end(...names(100, 'later'));
    await harness.delivery.flush();
    const [counters] = harness.delivery.counters().destinations;
    t.ok(receiver.requests.length < 40, `${receiver.requests.length} requests for 500 spans`);
    const lost = counters?.lost.too_large ?? Number.NaN;
    t.ok(lost >= 1 && lost <= 40, `${lost} were refused alone: up to eight of each request under way`);
    t.equal(counters?.spool?.items, 500 - lost, 'the rest is kept');
    t.ok(harness.isBalanced());
  }
});

t.test('after such a wait the backend is asked again, and gets what was kept', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 413, headers: { 'retry-after': '0' } } : { status: 200 });
  const spool = { directory: temporaryDirectory(t) };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  harness.end(...names(100));
  await until(() => (harness.delivery.counters().destinations[0]?.lost.too_large ?? 0) >= 16);
  isAway = false;
  await until(() => {
    const [counters] = harness.delivery.counters().destinations;
    return counters && counters.exported + counters.lost.too_large === 100;
  });
  const lost = harness.delivery.counters().destinations[0]?.lost.too_large ?? Number.NaN;
  t.equal(lost % 8, 0);
  t.same(receiver.accepted, names(100).slice(lost));
  t.ok(harness.isBalanced());
});

t.test('more huge spans in a row than that do not keep the good ones behind them for ever', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = ({ body }) => ({
    status: body.length > 2_000 ? 413 : 200,
    headers: { 'retry-after': '0' },
  });
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  harness.end(...names(30, 'huge'.repeat(1000)), ...names(30));
  await until(() => harness.delivery.counters().destinations[0]?.exported === 30);
  t.same(receiver.accepted, names(30));
  t.match(harness.delivery.counters().destinations, [{ exported: 30, lost: { too_large: 30 } }]);
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
