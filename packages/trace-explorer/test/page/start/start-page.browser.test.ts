import t from 'tap';
import { storeSpans } from '../../spans.ts';
import { openPage } from '../browser.ts';
import { shownText } from '../trace-fixtures.ts';

t.test('from the button for demo data to a waterfall with an error', async (t) => {
  const { page, problems, violations } = await openPage(t, { path: '/' });
  await page.getByRole('button', { name: 'Fill with demo data' }).click();
  await page.locator('.overview-totals', { hasText: '2 services' }).waitFor();
  await page.locator('.cause-link', { hasText: 'SELECT users' }).click();
  await page.getByRole('heading', { name: 'Its 3 traces' }).waitFor();
  await page.locator('.trace-link').first().click();
  await page.locator('.span-row', { hasText: 'SELECT users' }).waitFor();
  t.equal(await page.locator('.span-row').count(), 6);
  t.match(await shownText(page.locator('.findings')), /the database is locked/);
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('a store that got spans meanwhile says that it is not filled', async (t) => {
  const { page, store } = await openPage(t, { path: '/' });
  const button = page.getByRole('button', { name: 'Fill with demo data' });
  await button.waitFor();
  await page.route('**/api/demo-data', async (route) => {
    await storeSpans(store, [{ name: 'GET /mine', kind: 2 }]);
    await route.continue();
  });
  const answer = page.waitForResponse('**/api/demo-data');
  await button.click();
  t.equal((await answer).status(), 409);
  await page.locator('.overview-totals', { hasText: '1 service' }).waitFor();
  t.equal(await button.count(), 0);
});
