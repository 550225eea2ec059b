import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import type { SpanStore } from '../../../../../src/store/types.ts';
import { randomId } from '../../../../spans.ts';
import { openPage } from '../../../browser.ts';
import { openLogs } from './log-fixtures.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`${colorScheme}: nothing for axe to complain of, wide and at 400 pixels`, async (t) => {
    const { page, ids, goto, violations } = await openLogs(t, { colorScheme });
    await goto(`?span=${ids.users}&tab=events&logs=list`);
    await page.locator('.log-line').first().waitFor();
    t.same(await violations(), []);
    await page.setViewportSize({ width: 400, height: 800 });
    await goto('?span=none&logs=list');
    await page.locator('.log-line').first().waitFor();
    t.same(await violations(), []);
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400, 'nothing sticks out');
  });
}

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
