import t from 'tap';
import { storeSpans } from '../../spans.ts';
import { intercept, openPage } from '../browser.ts';
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
  await intercept(page, '**/api/demo-data', async (route) => {
    await storeSpans(store, [{ name: 'GET /mine', kind: 2 }]);
    await route.continue();
  });
  const answer = page.waitForResponse('**/api/demo-data');
  await button.click();
  t.equal((await answer).status(), 409);
  await page.locator('.overview-totals', { hasText: '1 service' }).waitFor();
  t.equal(await button.count(), 0);
});

t.test(
  'in its first hour the overview shows the time of its data, and its newest trace leads to the waterfall',
  async (t) => {
    const { page, origin, problems } = await openPage(t, {
      path: false,
      fill: (store) =>
        storeSpans(
          store,
          // What arrives now may have begun before.
          [5, 4].map((minutes) => ({
            name: `GET /${minutes}`,
            kind: 2,
            start: BigInt(Date.now() - minutes * 60_000) * 1_000_000n,
          })),
        ),
    });
    const charts = page.waitForRequest((request) => request.postData()?.includes('"HEATMAP"') ?? false);
    await page.goto(origin);
    t.match((await charts).postData(), /"time_range":600\b/);
    t.match(await shownText(page.locator('.overview-totals')), /2 in 10 min/);
    await page.locator('.newest-trace a', { hasText: 'GET /4' }).click();
    await page.locator('.span-row', { hasText: 'GET /4' }).waitFor();
    // A time that somebody chose is shown as it is.
    await page.goto(`${origin}/?last=7200`);
    await page.locator('.overview-totals', { hasText: '2 in 2 h' }).waitFor();
    t.equal(await page.locator('.newest-trace').count(), 0);
    t.same(problems, []);
  },
);
