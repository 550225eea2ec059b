import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { openPage } from '../browser.ts';
import { sendTraffic } from '../traffic.ts';

const { page, origin, problems, reset, violations, visit } = await openPage(t, {
  path: false,
  async fill(store) {
    await sendTraffic(store, { traces: 5 });
    const line = { service: 'activities-api', body: 'hello' };
    await store.write(decodedLogs([line, line, { service: 'somebody-else', body: 'hello' }]));
  },
});

t.test('where nothing is wrong there is no strip; the pipeline is in the menu', async (t) => {
  await visit('/map');
  await page.locator('.map-node').first().waitFor();
  t.equal(await page.getByRole('contentinfo').count(), 0);
  const menu = page.getByRole('button', { name: 'More' });
  await menu.press('Enter');
  await page.getByRole('menuitem', { name: 'Pipeline …' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Pipeline of 3 services' });
  await dialog.locator('.service-mark').nth(2).waitFor();
  const row = dialog.getByRole('row', { name: /activities-api/ });
  await row.waitFor();
  t.match(await row.getByRole('cell').allInnerTexts(), ['activities-api', /ago$/, /^\d+$/, '2', /ago$/]);
  await dialog.getByText('nothing refused, nothing dropped').waitFor();
  await dialog.getByText(/spans · 3 log lines ·/).waitFor();
  t.same(await violations(), []);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  t.ok(await menu.evaluate((each) => each === document.activeElement), 'the focus is back');
  t.same(problems, []);
});

t.test('a refusal is in sight with its reason; at 400 px, too', async (t) => {
  await reset();
  const status = await (await fetch(`${origin}/api/status`)).json();
  await page.route('**/api/status', (route) =>
    route.fulfill({
      json: {
        ...status,
        services: [{ name: 'shop', rows: 5, logs: 0, last_seen: new Date().toISOString() }],
        refused_by_token: 3,
        dropped: { ...status.dropped, rejected: 1234, age: 7 },
        dropped_logs: { ...status.dropped_logs, busy: 2 },
      },
    }),
  );
  await page.goto(`${origin}/map`);
  const strip = page.getByRole('contentinfo');
  const refused = strip.getByText(
    '3 requests refused: sent without EXPLORER_TOKEN · 1,234 spans refused: malformed, or too large · 2 log lines not taken yet',
  );
  await refused.waitFor();
  await strip.getByRole('button', { name: 'Details' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pipeline of 1 service' });
  await dialog.getByText('7 spans dropped: too old').waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 400, height: 800 });
  t.ok(await refused.isVisible());
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400);
  t.same(await violations(), []);
  await strip.getByRole('button', { name: 'Put away' }).click();
  await strip.waitFor({ state: 'detached' });
  t.same(problems, []);
});

t.test('a notice of the store is shown on every view until the store takes it back', async (t) => {
  await reset();
  const status = await (await fetch(`${origin}/api/status`)).json();
  const notice = 'The store reached its cap of 1 GiB: the oldest traces are dropped.';
  await page.route('**/api/status', (route) => route.fulfill({ json: { ...status, notices: [notice] } }));
  await page.goto(`${origin}/map`);
  const strip = page.getByRole('contentinfo');
  await strip.getByText(notice).waitFor();
  await page.getByRole('link', { name: 'Query', exact: true }).click();
  t.equal(await strip.getByText(notice).count(), 1);
  await strip.getByRole('button', { name: 'Details' }).click();
  await page.getByText('The store:').waitFor();
  await page.keyboard.press('Escape');
});

t.test('when the explorer stops answering, the page says that it may be old', async () => {
  await reset();
  await page.route('**/api/status', (route) => route.abort());
  await page.goto(`${origin}/map`);
  await page.getByRole('alert').filter({ hasText: 'What is shown may be old' }).waitFor();
});
