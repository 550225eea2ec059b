import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { names, startDelivery } from './harness.ts';

t.test('a batch refused as too large is lost, counted and said with its size; others are sent', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = ({ body }) => ({ status: body.length > 5_000 ? 413 : 200 });
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  harness.end('huge'.repeat(1500), ...names(5));
  await harness.delivery.flush();
  harness.end(...names(30, 'after'));
  await harness.delivery.flush();
  t.same(receiver.accepted, names(30, 'after'));
  t.match(harness.counters(), { exported: 30, lost: { too_large: 6 }, queue: { items: 0 } });
  const bytes = receiver.requests[0]?.body.length;
  t.match(
    harness.logged[0],
    `413, the batch is larger than the backend takes, and is lost (${bytes} bytes). Send smaller`,
  );
  t.match(harness.logged[0], /OTEL_BSP_MAX_EXPORT_BATCH_SIZE.* 6 spans lost so far\.$/);
  t.ok(harness.isBalanced());
});
