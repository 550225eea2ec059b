import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import type { SpanStore } from '../../../../../src/store/types.ts';
import { randomId } from '../../../../spans.ts';
import { openPage } from '../../../browser.ts';

t.test('a trace that no span has come of shows the lines that have', async (t) => {
  const traceId = randomId(16);
  const write = async (store: SpanStore, body: string) => {
    await store.write(decodedLogs([{ traceId, spanId: randomId(8), service: 'api', body }]));
  };
  const { page, store, violations } = await openPage(t, {
    path: `/trace/${traceId}`,
    fill: (store) => write(store, 'first'),
  });
  await page.getByText('No span of this trace is here yet').waitFor();
  await page.getByRole('listbox').getByText('first').click();
  await page.locator('.log-detail').waitFor();
  await write(store, 'second');
  await page.getByRole('listbox').getByText('second').waitFor();
  t.same(await violations(), []);
});
