import t from 'tap';
import { holdRequests, openPage } from '../../../page/browser.ts';
import { chooseTime } from '../../../page/choose.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { rowsOfFilters, shownText, storeHomeTrace } from '../../../page/trace-fixtures.ts';
import { storeSpans } from '../../../spans.ts';

t.test('traces are listed newest or slowest first, filtered, page by page, each a link', async (t) => {
  let failing = '';
  const { page, problems } = await openPage(t, {
    path: '/traces',
    async fill(store) {
      const start = Date.now();
      for (let i = 0; i < 60; i++) {
        await storeHomeTrace(store, { start: start - 5000 - i * 1000, slower: 1 + (i % 7) });
      }
      const stored = await storeHomeTrace(store, { start: start - 100_000, slower: 20, failing: true });
      failing = stored.traceId;
    },
  });
  const rows = page.locator('tbody tr');
  await rows.first().waitFor();
  t.equal(await rows.count(), 50);
  t.match(await shownText(rows.first()), /web\s+GET \/api\/activities\/home[\s\S]*46\.0 ms[\s\S]*8/);
  t.match(
    await rows.first().locator('.service-bar').getAttribute('aria-label'),
    /^Self time by service: (?:web|activities-api|user-lookup) [\d.]+ ms \([\d.]+ %\)/,
  );
  await page.getByRole('button', { name: 'Older ones' }).click();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 61);

  await page.getByRole('button', { name: 'Took' }).click();
  await rows.first().getByText('920 ms').waitFor();
  t.match(page.url(), 'order=slowest');
  await page.getByLabel('Errors only').check();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  t.match(await shownText(rows.first()), '✗ 2');
  await page.reload();
  await rows.first().waitFor();
  t.equal(await rows.count(), 1, 'the filters are in the URL');
  // Anywhere on the row, here at its right end: the row's link lies over it.
  const { width = 0 } = (await rows.first().boundingBox()) ?? {};
  await rows.first().click({ position: { x: width - 8, y: 8 } });
  await page.waitForURL(`**/trace/${failing}?from=*`);
  await page.goBack();
  await rows.first().waitFor();

  t.equal(await page.getByRole('button', { name: 'Import …' }).count(), 1);

  await page.getByLabel('Span name').fill('no such span');
  await page.keyboard.press('Enter');
  await page.getByText('No trace fits the filters').waitFor();
  await chooseTime(page, 'Last 7 days');
  await page.getByLabel('Errors only').check();
  t.equal(await rowsOfFilters(page), 1, 'all filters in one row of 1280 pixels');
  await page.getByRole('button', { name: 'All filters' }).click();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 50);
  t.same(problems, []);
});

t.test('a trace that arrives before the connection is in the list; a later trace is counted', async (t) => {
  const { page, store, origin, problems } = await openPage(t, { path: false });
  const connect = await holdRequests(page, '**/api/live');
  await page.goto(`${origin}/traces`);
  await page.getByText('No traces yet').waitFor();
  await storeSpans(store, [{ name: 'early' }]);
  connect();
  await page.locator('.trace-link', { hasText: 'early' }).waitFor();

  await storeSpans(store, [{ name: 'late' }]);
  await page.getByText('1 trace has arrived.').waitFor();
  t.equal(await page.locator('.trace-link').count(), 1, 'the list stands still until it is read again');
  await page.getByRole('button', { name: 'Show them' }).click();
  await page.locator('.trace-link', { hasText: 'late' }).waitFor();
  t.same(problems, []);
});

t.test('an arriving trace is counted when it fits the filters', async (t) => {
  const { page, store, origin, problems } = await openPage(t, {
    path: false,
    fill: (store) => storeSpans(store, [{ name: 'wanted' }]),
  });
  const connected = page.waitForResponse((response) => response.url().includes('/api/live'));
  await page.goto(`${origin}/traces?name=wanted`);
  await connected;
  // A connection that was late has the list read once more: what came until then is in the list.
  const notice = page.getByText(/has arrived/);
  for (let listed = 2; (await notice.count()) === 0; listed++) {
    await storeSpans(store, [{ name: 'other' }, { name: 'other' }, { name: 'wanted' }]);
    await page.waitForFunction((count) => {
      const isCounted = document.body.textContent?.includes('has arrived');
      return isCounted || document.querySelectorAll('.trace-link').length === count;
    }, listed);
  }
  t.equal(await notice.textContent(), '1 trace has arrived.');
  t.same(problems, []);
});

t.test('a time that another view asks for is said by the filter', async (t) => {
  const { page, problems } = await openPage(t, {
    path: '/traces?last=21600',
    fill: (store) => storeHomeTrace(store),
  });
  await page.locator('.trace-link').first().waitFor();
  const time = page.getByRole('combobox', { name: 'Time', exact: true });
  t.equal(
    await time.evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.text),
    'last 6 hours',
  );
  t.same(problems, []);
});

t.test('a text that is typed before the first frame stays', async (t) => {
  const { page, origin } = await openPage(t, { path: false, hasOwnTab: true });
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      const input = document.querySelector<HTMLInputElement>('.trace-filters input:not([pattern], [type])');
      if (input === null) return;
      observer.disconnect();
      input.value = 'typed at once';
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`${origin}/traces`);
  await page.getByText('No traces yet').waitFor();
  // Until what waits for a paint has been done.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
  t.equal(await page.getByLabel('Span name').inputValue(), 'typed at once');
});

t.test('at 400 pixels the filters take a line until they are wanted, and no column is cut', async (t) => {
  const { page, problems } = await openPage(t, {
    width: 400,
    path: '/traces',
    async fill(store) {
      await storeHomeTrace(store, { failing: true });
      for (let i = 0; i < 40; i++) await storeSpans(store, [{ name: `GET /api/activities/number-${i}` }]);
    },
  });
  await page.locator('.trace-link').first().waitFor();
  const height = async () => (await page.locator('.trace-filters').boundingBox())?.height ?? 0;
  t.ok((await height()) < 72, 'two lines at most');
  t.notOk(await page.getByLabel('Span name').isVisible());
  const cut = await page
    .locator('thead th:nth-child(7), tbody td:nth-child(7)')
    .evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length);
  t.equal(cut, 0, 'heads and numbers of errors are whole');
  const names = await page
    .locator('.root-name > bdi')
    .evaluateAll((all) => all.filter((name) => name.scrollWidth > name.clientWidth).length);
  t.equal(names, 0, 'names that end differently can be told apart');
  await page.evaluate(() => scrollTo({ top: document.documentElement.scrollHeight }));
  const last = page.locator('tbody tr:nth-child(41)');
  await last.waitFor();
  t.ok(
    await last.evaluate((row) => row.getBoundingClientRect().bottom <= innerHeight),
    'the end is in the window',
  );
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Span name').fill('nowhere');
  await page.keyboard.press('Enter');
  await page.waitForURL(/name=nowhere/);
  await page.getByRole('button', { name: 'Filters (set)' }).waitFor();
  t.same(problems, []);
});

for (const path of ['/traces', '/traces?live=true'])
  t.test(`${path}, light and dark, wide and at 400 pixels: nothing for axe to complain of`, async (t) => {
    const { page, violations, problems } = await openPage(t, {
      path,
      async fill(store) {
        await storeHomeTrace(store, { failing: true });
        await storeHomeTrace(store);
      },
    });
    await page.locator('.trace-link').first().waitFor();
    await eachLook(page, async ({ width }, look) => {
      t.same(await violations(), [], look);
      t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
    });
    t.same(problems, []);
  });
