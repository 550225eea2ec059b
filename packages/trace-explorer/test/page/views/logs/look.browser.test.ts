import t from 'tap';
import { openPage } from '../../browser.ts';
import { fill } from './log-fixtures.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`${colorScheme}: nothing for axe to complain of, wide and at 400 pixels`, async (t) => {
    const { page, violations } = await openPage(t, { path: '/logs', colorScheme, fill });
    await page.locator('.log-rows').getByText('payment refused').click();
    await page.locator('.log-open .field-list').first().waitFor();
    t.same(await violations(), []);
    await page.setViewportSize({ width: 400, height: 800 });
    t.same(await violations(), []);
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400, 'nothing sticks out');
    const level = page.getByLabel('Level');
    t.notOk(await level.isVisible(), 'filters are folded');
    await page.getByRole('button', { name: 'Filters', expanded: false }).click();
    await level.selectOption('error');
    await page.getByLabel('Text').fill('payment');
    await page.keyboard.press('Enter');
    await page.waitForURL(/level=error.*q=payment|q=payment.*level=error/);
    t.same(await violations(), []);
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400, 'nothing sticks out');
    await page.getByRole('button', { name: 'Filters (set)', expanded: true }).click();
    await page.getByLabel('Tail').check();
    await page.getByText('Following what comes.').waitFor();
    t.same(await violations(), []);
  });
}
