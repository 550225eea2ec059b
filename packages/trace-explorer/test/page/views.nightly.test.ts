import t from 'tap';
import { openPage } from './browser.ts';
import { EVERY_VIEW, openEveryView, press, showView } from './every-view.ts';
import { lookFaults } from './look-faults.ts';

const shared = await openEveryView(t);
const { page, origin, store, problems, violations, visit } = shared;

for (const view of EVERY_VIEW)
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 1280, 400])
      t.test(`${view[0]}: ${colorScheme}, ${width} pixels`, async (t) => {
        await showView(shared, view, { colorScheme, width });
        t.same(await lookFaults(page), []);
        t.same(await violations(), []);
        t.same(
          problems.filter((each) => !each.includes('404')),
          [],
        );
      });

t.test('before the first span', async (t) => {
  const empty = await openPage(t, { path: '/' });
  await empty.page.locator('.start-page').waitFor();
  t.same(await lookFaults(empty.page), []);
  t.same(await empty.violations(), []);
});

t.test('a chosen theme is there at once, in each view, and charts follow it', async (t) => {
  await visit('/');
  await press('More')(page);
  await page.locator('label', { hasText: 'Dark' }).click();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.goto(`${origin}/map`);
  t.equal(await ground(), dark);
  t.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.emulateMedia({ colorScheme: 'dark' });
  await press('More')(page);
  await page.locator('label', { hasText: 'Light' }).click();
  t.not(await ground(), dark, 'light where the system is dark');
  await page.locator('label', { hasText: 'System' }).click();
  t.equal(await ground(), dark);
  t.ok(store.stats().spans > 0);
});
