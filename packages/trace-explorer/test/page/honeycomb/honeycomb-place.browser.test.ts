import fastify from 'fastify';
import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { openPage } from '../browser.ts';
import { storeHomeTrace } from '../trace-fixtures.ts';

type Test = Parameters<typeof openPage>[0];

/** The page beside a service whose metrics say whose key it has; nothing leaves for Honeycomb. */
async function openBesideService(t: Test, region: string) {
  const service = fastify();
  service.get('/metrics', async () => {
    return `otel_sdk_exporter_span_exported_total{destination="honeycomb"} 1
tandem_honeycomb_info{team="bees",environment="test",region="${region}"} 1
`;
  });
  t.teardown(() => service.close());
  const url = await service.listen({ host: '127.0.0.1', port: 0 });
  let traceId = '';
  const opened = await openPage(t, {
    explorer: { services: [url] },
    fill: async (store) => {
      traceId = (await storeHomeTrace(store)).traceId;
    },
  });
  const visited: URL[] = [];
  await opened.context.route(/^https:\/\/ui\..*honeycomb\.io\//, (route) => {
    visited.push(new URL(route.request().url()));
    return route.fulfill({ contentType: 'text/html', body: '<title>Honeycomb</title>' });
  });
  return { ...opened, traceId, visited };
}

/** The form begins with what is known, once that was read. */
const knownTeam = (page: Page) => page.locator('input[name=team][value=bees]');
const openDialog = async (page: Page) => {
  await page.getByRole('button', { name: 'Honeycomb', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Open in Honeycomb …' }).click();
};
const openButton = (page: Page) => page.getByRole('button', { name: 'Open', exact: true });

async function closePopup(context: BrowserContext, click: () => Promise<void>) {
  const [popup] = await Promise.all([context.waitForEvent('page'), click()]);
  await popup.waitForLoadState();
  await popup.close();
}

t.test('links lead to the team, environment and region of the services’ key', async (t) => {
  const { page, context, origin, traceId, visited, problems } = await openBesideService(t, 'eu');
  await openDialog(page);
  await knownTeam(page).waitFor();
  await closePopup(context, () => openButton(page).click());
  t.equal(visited[0]?.origin, 'https://ui.eu1.honeycomb.io');
  t.equal(visited[0]?.pathname, '/bees/environments/test/datasets/__all__');

  await page.goto(`${origin}/trace/${traceId}`);
  await page.getByRole('button', { name: 'Colours, columns …' }).click();
  const link = page.getByRole('link', { name: 'Open in Honeycomb' });
  const url = new URL((await link.getAttribute('href')) ?? '');
  t.equal(url.origin + url.pathname, 'https://ui.eu1.honeycomb.io/bees/environments/test/trace');
  t.equal(url.searchParams.get('trace_id'), traceId);
  t.same(problems, []);
});

t.test('a typed environment goes before the environment of the key, and is remembered', async (t) => {
  const { page, context, visited } = await openBesideService(t, 'us');
  const environment = page.getByLabel(/^Environment/);
  await openDialog(page);
  await knownTeam(page).waitFor();
  await environment.fill('staging');
  await closePopup(context, () => openButton(page).click());
  t.equal(visited[0]?.pathname, '/bees/environments/staging/datasets/__all__');

  await page.reload();
  await openDialog(page);
  t.equal(await environment.inputValue(), 'staging');
});

t.test('behind a proxy the region is not known: it is asked for, and the rest is filled in', async (t) => {
  const { page, context, visited } = await openBesideService(t, 'other');
  await openDialog(page);
  await knownTeam(page).waitFor();
  t.equal(await page.getByLabel(/^Environment/).inputValue(), 'test');
  await page.getByRole('radio', { name: /^EU/ }).check();
  await closePopup(context, () => openButton(page).click());
  t.equal(visited[0]?.origin, 'https://ui.eu1.honeycomb.io');
});
