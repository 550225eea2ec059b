import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { openPage } from '../../../page/browser.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { randomId, storeSpans } from '../../../spans.ts';

const MINUTE = 60_000;

/** So many requests of a route, one each second up to some minutes ago. */
function requests(name: string, count: number, durationMs: number, minutesAgo: number, version: string) {
  return Array.from({ length: count }, (_, i) => ({
    traceId: randomId(16),
    spanId: randomId(8),
    service: 'shop',
    name,
    kind: 2,
    start: BigInt(Date.now() - minutesAgo * MINUTE - i * 1000) * 1_000_000n,
    durationMs,
    resource: { 'service.version': version },
  }));
}

const { page, problems, violations, visit } = await openPage(t, {
  path: false,
  fill: (store) =>
    storeSpans(store, [
      ...requests('GET /cart', 60, 20, 40, '1.0'),
      ...requests('GET /cart', 60, 30, 10, '1.1'),
      ...requests('GET /report', 9, 4000, 10, '1.1'),
    ]),
});

t.test('three charts over time; a marked stretch narrows all below, by mouse and by keys', async (t) => {
  await visit('/');
  const totals = page.locator('.overview-totals');
  await totals.locator('a[title^="129 requests"]').waitFor();
  const charts = page.locator('.overview-chart');
  await charts.nth(2).waitFor();
  t.same(await charts.locator('figcaption .visually-hidden').allTextContents(), [
    'Requests',
    'Failed',
    'Duration, P95',
  ]);
  await page.locator('.overview-charts canvas').waitFor();
  t.same(await violations(), []);

  // Nine requests are few, and the slowest of them tops the list: whoever looks for what is slow finds it.
  const slow = page.getByRole('region', { name: 'Figures of routes' });
  t.match(await shownText(slow.locator('tbody tr').first()), /, slowest of 9/);

  const box = await page.locator('.overview-brush').first().boundingBox();
  if (box === null) throw new Error('the chart has no place');
  const middle = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.2, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, middle, { steps: 3 });
  await page.mouse.up();
  await page.waitForURL(/start=\d+&end=\d+/);
  await totals.locator('a[title^="60 requests"]').waitFor();
  t.equal(await page.locator('.overview-marked').count(), 3, 'marked in all charts');
  t.notMatch(await shownText(slow), 'GET /report');
  t.match(
    await slow.locator('tbody tr a:not(.service-link)').first().getAttribute('href'),
    /start_time/,
    'links lead to that time',
  );
  await page.reload();
  await totals.locator('a[title^="60 requests"]').waitFor();

  const brush = page.locator('.overview-brush').first();
  await brush.press('Escape');
  await totals.locator('a[title^="129 requests"]').waitFor();
  for (let i = 0; i < 30; i++) await brush.press(i === 0 ? 'ArrowLeft' : 'Shift+ArrowLeft');
  await brush.press('Enter');
  await totals.locator('a[title^="69 requests"]').waitFor();
  t.same(problems, []);
});

t.test('the highest value of a chart, and the one under the pointer, are in sight', async (t) => {
  await visit('/');
  const chart = page.locator('.overview-chart').first();
  const said = chart.locator('figcaption');
  const isInSight = () =>
    said.evaluate((each) => {
      const { x, y, width, height } = each.getBoundingClientRect();
      return document.elementsFromPoint(x + width - 2, y + height / 2).includes(each);
    });
  await chart.locator('.overview-brush').hover();
  await said.getByText(/ at \d/).waitFor();
  t.ok(await isInSight());
  t.same(problems, []);
});

t.test('one click on a deploy leads to the figures of each route before and after it', async (t) => {
  await visit('/');
  t.match(await page.locator('a.deploy').textContent(), /^1\.1shop 1\.1 since /);
  await page.locator('a.deploy').focus();
  await page.keyboard.press('Enter');
  const row = (version: string) => page.getByRole('row', { name: new RegExp(`^GET /cart ${version}`) });
  await until(async () => (await page.locator('tbody tr').count()) === 3);
  t.match(await shownText(row('1\\.1')), /30\.0 ms.*\+50 %/s);
  t.notMatch(await shownText(row('1\\.0')), '%');
  t.match(await shownText(page.locator('main h1')), 'of requests where service.name = shop');
  await page.getByRole('columnheader', { name: 'errors, %' }).waitFor();
  const top = async (selector: string) => (await page.locator(selector).first().boundingBox())?.y ?? 0;
  t.ok((await top('tbody')) < (await top('.chart')), 'the table comes before the charts');
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('each deploy has its version, or is in the list of those beside it', async (t) => {
  const of = (service: string, minutesAgo: number, version: string) =>
    requests('GET /cart', 20, 20, minutesAgo, version).map((span) => ({ ...span, service }));
  const { page, violations } = await openPage(t, {
    path: '/?last=3600',
    fill: (store) =>
      storeSpans(store, [
        ...of('web', 40, '2.3.0'),
        ...of('web', 20, '2.4.0'),
        ...of('web', 2, '2.5.0'),
        ...of('pay', 40, '1.0.9'),
        ...of('pay', 19.5, '1.1.0'),
      ]),
  });
  const alone = page.locator('a.deploy');
  const list = page.getByRole('button', { name: '2 deploys' });
  await list.waitFor();
  t.equal(await alone.locator('[aria-hidden]').textContent(), '2.5.0');
  const [chart, first, second] = await Promise.all(
    [page.locator('.overview-chart').first(), list, alone].map((each) => each.boundingBox()),
  );
  const right = (box: typeof first) => (box?.x ?? 0) + (box?.width ?? 0);
  t.ok(right(first) <= (second?.x ?? 0), 'they are beside each other');
  t.ok(right(second) <= right(chart), 'the newest one is within the chart');
  await list.click();
  const links = page.getByRole('dialog', { name: '2 deploys' }).getByRole('link');
  t.match(await links.allTextContents(), [/^web 2\.4\.0 since/, /^pay 1\.1\.0 since/]);
  t.same(await violations(), []);
  await links.first().click();
  await page.waitForURL(/service\.version/);
});
