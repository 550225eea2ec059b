import t from 'tap';
import { withSpan } from '../../../src/common/with-span.ts';
import { loggerOf, start } from './start.ts';

t.test('a flood of lines without a backend loses lines only, and counts them', async (t) => {
  const { logger } = loggerOf();
  const { receiver, telemetry } = await start(t);
  receiver.answer = () => ({ status: 503 });
  const text = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 60; count++) {
    withSpan(`span ${count}`, {}, () => logger.info({ text }, 'flood'));
    if (count % 4 === 0) await telemetry.flush();
  }
  await telemetry.flush();
  const lost = (signal: 'spans' | 'logs') => telemetry.counters()[signal].destinations[0]?.lost ?? {};
  const sum = (counts: object) => Object.values(counts).reduce((all, count) => all + count, 0);
  t.equal(sum(lost('spans')), 0);
  t.ok(sum(lost('logs')) > 0);
  const kept = 60 - sum(lost('logs'));
  receiver.reset();
  receiver.answer = () => ({ status: 200 });
  await receiver.waitFor(() => receiver.spans().length === 60 && receiver.logRecords().length === kept);
});
