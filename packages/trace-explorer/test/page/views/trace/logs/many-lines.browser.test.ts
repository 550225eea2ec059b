import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { openTrace } from '../open-trace.ts';

t.test('of a trace with many log lines the first are shown, said so, with the way to all', async (t) => {
  const start = Date.now() - 60_000;
  const { page, store, traceId, ids, goto } = await openTrace(t, { trace: { start } });
  const spanId = String(ids.data);
  await store.write(
    decodedLogs(
      Array.from({ length: 20_001 }, (_, n) => ({
        traceId,
        spanId,
        service: 'activities-api',
        severity: n === 20_000 ? 17 : 9,
        body: `line ${n}`,
        time: BigInt(start) * 1_000_000n + BigInt(n) * 1000n,
      })),
    ),
  );
  await goto('?logs=list&log_level=error');
  const said = page.getByText('The first 20,000 log lines are shown.');
  await said.nth(1).waitFor();
  t.equal(await said.count(), 2, 'above the waterfall, and in the list');
  await page
    .getByRole('region', { name: 'Log lines of the trace' })
    .getByRole('link', { name: 'All lines' })
    .click();
  await page.locator('.log-rows').getByText('line 20000', { exact: true }).waitFor();
  const { pathname, searchParams } = new URL(page.url());
  t.equal(pathname, '/logs');
  t.match(decodeURIComponent(searchParams.get('where') ?? ''), `trace.trace_id=${traceId}`);
});
