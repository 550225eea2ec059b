import t from 'tap';
import { demoTraces } from '../../testing/demo-data/index.ts';
import { storeLogs, storeSpans } from '../spans.ts';
import { openPage } from './browser.ts';

const demo = [...demoTraces({ spans: 3000, small: true })];
const request = demo.find(({ shape, spans }) => shape === 'request' && spans.length > 8);
const linked = demo.find(({ shape }) => shape === 'links');
const query = JSON.stringify({
  calculations: [{ op: 'COUNT' }],
  breakdowns: ['service.name'],
  time_range: 7200,
});

/** Each view that names services, and a name there. */
const VIEWS = [
  ['/', '.cause-list .service-name, .data-table .service-name'],
  ['/traces', '.root-service .service-name'],
  ['/logs', '.log-service .service-name'],
  ['/map', '.worst-list .service-name'],
  ['/verify', '.data-table .service-name'],
  [`/trace/${request?.traceId}`, '.trace-facts .service-name'],
  [`/trace/${linked?.traceId}?tab=links`, '.span-panel .service-name'],
  [`/query?${new URLSearchParams({ query })}`, '.group-service .service-name'],
] as const;

const { page, problems, visit } = await openPage(t, {
  path: false,
  fill: async (store) => {
    await storeSpans(
      store,
      demo.flatMap(({ spans }) => spans),
    );
    await storeLogs(
      store,
      demo.flatMap(({ logs }) => logs),
    );
  },
});

/**
 * Names of services on the page that lead nowhere. A database has no page, and a name of two words; a service's own page is where
 * its name leads.
 */
const leadNowhere = () =>
  page.locator('main .service-name:not(h1 *)').evaluateAll((names) =>
    names
      .filter((name) => !name.textContent.includes(' '))
      .filter((name) => !name.closest('a')?.getAttribute('href')?.startsWith('/service/'))
      .map((name) => `${name.parentElement?.className}: ${name.textContent}`),
  );

t.test('the name of a service leads to its page from every view', async (t) => {
  for (const [path, some] of VIEWS) {
    await visit(path);
    // A rule that fails unfolds the services that fail it.
    if (path === '/verify') await page.locator('main [data-row]').first().click();
    await page.locator(some).filter({ visible: true }).first().waitFor();
    t.same(await leadNowhere(), [], path);
  }
  await visit('/');
  await page.locator('.cause-link').first().click();
  await page.locator('.trace-link').first().waitFor();
  t.same(await leadNowhere(), [], 'a cause');
  const link = page.locator('.root-service a').first();
  const name = await link.textContent();
  await link.click();
  await page.waitForURL(`**/service/${encodeURIComponent(name ?? '')}*`);
  await page.getByRole('heading', { level: 1, name: name ?? '' }).waitFor();
  t.same(await leadNowhere(), [], 'another service');
  t.same(problems, []);
});
