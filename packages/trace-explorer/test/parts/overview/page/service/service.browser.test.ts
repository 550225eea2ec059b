import t from 'tap';
import { atNight } from '../../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../../test/helpers/until.ts';
import { openPage } from '../../../../page/browser.ts';
import { eachLook, pageWidth } from '../../../../page/looks.ts';
import { shownText } from '../../../../page/trace-fixtures.ts';
import { sendTraffic } from '../../../../page/traffic.ts';
import { randomId, storeSpans } from '../../../../spans.ts';

t.test(
  'a service has the overview of its own requests, and links to what other views tell of it',
  async (t) => {
    const { page, problems, violations } = await openPage(t, {
      path: '/service/user-lookup',
      fill: (store) => sendTraffic(store, { traces: 60 }),
    });
    const figures = page.locator('.overview-totals');
    await figures.waitFor();
    t.match(await shownText(figures), /Failed\s+\d+\s+6\.67 %/);
    const routes = page.getByRole('region', { name: 'Routes', exact: true });
    const names = routes.locator('tbody a:first-child bdi');
    await names.first().waitFor();
    t.same(await names.allInnerTexts(), ['GET /api/users']);
    await page.getByText('No calls of a database or of a service outside.').waitFor();
    await page.getByRole('region', { name: 'Callers' }).first().getByText('activities-api').waitFor();
    await page.locator('.cause-link').first().waitFor();
    await page.locator('.overview-chart').first().waitFor();
    await eachLook(page, async ({ width }, look) => {
      t.same(await violations(), [], look);
      t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
    });
    const follow = async (name: string) => {
      await page.goto(new URL('/service/user-lookup?last=600', page.url()).href);
      await page.getByRole('link', { name, exact: true }).click();
    };
    await follow('Log lines');
    await page.waitForURL(/\/logs\?(?=.*service=user-lookup).*last=600/);
    await follow('Score');
    await page.getByRole('heading', { name: /\b1 service\b/ }).waitFor();
    await follow('Callers and callees');
    await page.locator('.map-node.selected', { hasText: 'user-lookup' }).waitFor();
    await page.getByText('1 caller').first().waitFor();
    await page.locator('.map-node', { hasText: 'activities-api' }).click();
    await page.waitForURL((url) => url.pathname === '/service/activities-api');
    await page.getByRole('link', { name: 'Its errors' }).click();
    await page.waitForURL(/\/traces\?.*service=activities-api.*errors=true/);
    t.same(problems, []);
  },
);

atNight(t).test('names of services lead to the page, from the go box too', async (t) => {
  const { page, problems } = await openPage(t, {
    path: '/map',
    fill: (store) => sendTraffic(store, { traces: 5 }),
  });
  await page.getByRole('link', { name: 'user-lookup', exact: true }).first().click();
  await page.waitForURL((url) => url.pathname === '/service/user-lookup');
  await page.keyboard.press('g');
  const box = page.getByRole('combobox', { name: /^Trace, link/ });
  await box.fill('activities-api');
  await until(async () => (await page.getByRole('option').count()) >= 3);
  t.match(await shownText(page.getByRole('listbox')), /its page[\s\S]*its traces[\s\S]*its errors/);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/service/activities-api');
  t.same(problems, []);
});

t.test('figures have no value of a time before that the store lacks', async (t) => {
  const spans = Array.from({ length: 120 }, (_, i) => ({
    traceId: randomId(16),
    spanId: randomId(8),
    service: 'web',
    name: 'GET /a',
    kind: 2,
    start: BigInt(Date.now() - 30_000 * (i + 1)) * 1_000_000n,
    durationMs: 20,
  }));
  const { page } = await openPage(t, {
    path: '/service/web?last=2700',
    fill: (store) => storeSpans(store, spans),
  });
  const figures = page.locator('.overview-totals');
  await figures.waitFor();
  t.notMatch(await shownText(figures), /was /);
  await page.goto(new URL('/service/web?last=1500', page.url()).href);
  await page.locator('.overview-was').first().waitFor();
});
