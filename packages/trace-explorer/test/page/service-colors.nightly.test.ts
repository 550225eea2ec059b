import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { hueOf } from '../../src/core/places/service-color.ts';
import { randomId, storeSpans } from '../spans.ts';
import { openPage } from './browser.ts';
import { sendTraffic } from './traffic.ts';

const marked = (scope: Locator) =>
  scope
    .locator('.service-mark')
    .first()
    .evaluate((mark) => getComputedStyle(mark).backgroundColor);

t.test('a service has one colour in all views, also one that comes while the page is open', async (t) => {
  const { page, origin, store, problems } = await openPage(t, {
    path: '/',
    fill: (store) => sendTraffic(store, { traces: 30 }),
  });
  const services = ['activities-api', 'user-lookup'];
  const seen = async (path: string, scope: (name: string) => Locator) => {
    await page.goto(origin + path);
    await scope('activities-api').first().waitFor();
    return Promise.all(services.map((name) => marked(scope(name).first())));
  };
  const named = (name: string) => page.locator('.service-name', { hasText: name });
  const overview = await seen('/', (name) => page.locator('.data-table .service-name', { hasText: name }));
  t.equal(new Set(overview).size, 2);
  t.same(await seen('/map', (name) => page.locator('.service-link', { hasText: name })), overview, 'map');
  const grouped = { calculations: [{ op: 'COUNT' }], breakdowns: ['service.name'], time_range: 3600 };
  const query = `/query?query=${encodeURIComponent(JSON.stringify(grouped))}`;
  t.same(await seen(query, (name) => page.locator('.group-service', { hasText: name })), overview, 'query');
  const [api] = overview;
  await page.goto(`${origin}/traces`);
  await named('activities-api').first().waitFor();
  t.equal(await marked(page.locator('.root-name').first()), api, 'traces');
  await page.goto(`${origin}/traces?live=true`);
  await named('activities-api').first().waitFor();
  await storeSpans(store, alone('checkout'));
  const fresh = page.locator('tbody', { has: named('checkout') });
  await fresh.waitFor();
  const { checkout } = await (await page.request.get(`${origin}/api/services/colors`)).json();
  await until(async () => (await marked(named('checkout'))) === (await asComputed(page, hueOf(checkout))));
  t.same(problems, []);
});

/** A colour as `getComputedStyle` writes it. */
function asComputed(page: Page, color: string) {
  return page.evaluate((background) => {
    const probe = Object.assign(document.createElement('i'), { hidden: true });
    probe.style.background = background;
    document.body.append(probe);
    const { backgroundColor } = getComputedStyle(probe);
    probe.remove();
    return backgroundColor;
  }, color);
}

function alone(service: string) {
  const start = BigInt(Date.now() - 1000) * 1_000_000n;
  return [
    { traceId: randomId(16), spanId: randomId(8), service, name: 'GET /', kind: 2, start, durationMs: 3 },
  ];
}
