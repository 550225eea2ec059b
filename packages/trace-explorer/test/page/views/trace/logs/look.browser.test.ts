import t from 'tap';
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
