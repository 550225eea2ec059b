import t from 'tap';
import { withSpan } from '../../src/sdk/with-span.ts';
import { loggerOf, start } from './start.ts';

t.test('a flood of lines that nobody takes loses lines alone, counted as such', async (t) => {
  const { logger } = loggerOf();
  const { receiver, telemetry } = await start(t);
  receiver.answer = () => ({ status: 503 });
  const text = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 60; count++) {
    withSpan(`span ${count}`, {}, () => logger.info({ text }, 'flood'));
    if (count % 4 === 0) await telemetry.flush();
  }
  await telemetry.flush();
  const lost = (item: string) =>
    Number(new RegExp(`_${item}_exported_total\\{.*"spool_full"\\} (\\d+)`).exec(telemetry.metrics())?.[1]);
  t.equal(lost('span'), 0);
  t.ok(lost('log') > 0);
  const kept = 60 - lost('log');
  receiver.reset();
  receiver.answer = () => ({ status: 200 });
  await receiver.waitFor(() => receiver.spans().length === 60 && receiver.logRecords().length === kept);
});
