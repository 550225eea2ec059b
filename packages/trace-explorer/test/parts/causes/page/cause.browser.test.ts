import t from 'tap';
import { plantedShop } from '../../../core/problems/shop.ts';
import { openPage } from '../../../page/browser.ts';
import { chooseTime } from '../../../page/choose.ts';
import { hasFocus } from '../../../page/focus.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { storeSpans } from '../../../spans.ts';

const begin = BigInt(Math.floor(Date.now() / 1000) - 400) * 1_000_000_000n;
const { page, context, problems, violations, visit } = await openPage(t, {
  path: false,
  fill: (store) => storeSpans(store, plantedShop(begin, 300).spans),
});

async function openCause(name: RegExp) {
  await visit('/');
  await page.locator('.cause-link', { hasText: name }).click();
  await page.waitForURL('**/cause/**');
  await page.locator('.facts').waitFor();
}

t.test('the page of an error has its counts, its operations, all its traces, and a query', async (t) => {
  await openCause(/order … of user … not found/);
  t.match(await shownText(page.getByRole('heading', { level: 1 })), 'load order of billing fails: NotFound');
  t.match(
    await shownText(page.locator('.facts')),
    // Traces where a busy machine looked at some only.
    /(?:Requests|Traces)\s+3\s+[\d.]+ % of all.*Failed\s+3\s+100 % of these.*since (?:\w+ \d+ )?\d\d:\d\d/su,
  );
  t.match(
    await shownText(page.getByRole('region', { name: 'It takes part in' })),
    /billing\s+POST \/charge.*web\s+POST \/orders/su,
  );
  await page.getByRole('heading', { name: 'Its 3 traces' }).waitFor();
  await page.locator('.trace-link').first().waitFor();
  t.equal(await page.locator('tbody tr').count(), 3);
  const typical = page.getByRole('region', { name: 'A typical trace' });
  const spans = typical.locator('li');
  t.equal(await spans.count(), 5, 'five rows of its waterfall');
  t.match(await shownText(spans.first()), 'POST /orders', 'from its first span');
  t.match(await shownText(typical.locator('[aria-current=true]')), /load order.*failed/su);
  await page.keyboard.press('J');
  await page.getByText('2 of 3').waitFor();
  await page.keyboard.press('K');
  await typical.getByText('1 of 3').waitFor();
  const again = page.waitForResponse((response) => response.url().includes('/api/causes/'));
  await page.keyboard.press('r');
  await again;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const more = page.getByRole('button', { name: 'More about this cause' });
  await more.click();
  await page.getByRole('menuitem', { name: 'Copy as query' }).click();
  await page.getByText('Copied').waitFor();
  const query = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  t.match(query.filters, [{ column: 'service.name', op: '=', value: 'billing' }]);
  // By keyboard: what was asked again may still move the page, and with it a menu under the pointer.
  await more.press('Enter');
  await page.getByRole('menuitem', { name: 'Open as query' }).press('Enter');
  await page.locator('main h1', { hasText: 'exception.type = NotFound' }).waitFor();
  t.same(problems, []);
});

t.test('the chart of a cause has the colour of its row among what is wrong', async (t) => {
  const colorOf = (element: Element) => getComputedStyle(element).color;
  for (const name of [/SELECT ledger/, /order … of user … not found/]) {
    await visit('/');
    const row = page.locator('.cause-row', { hasText: name });
    await row.waitFor();
    const color = await row.locator('svg[role=img]').evaluate(colorOf);
    await row.locator('.cause-link').click();
    const chart = page.locator('.cause-chart svg');
    t.equal(await chart.evaluate(colorOf), color, String(name));
    const counts = ((await chart.getAttribute('aria-label')) ?? '').match(/\d+/g)?.map(Number) ?? [];
    const said = await page.locator('.cause-value').allTextContents();
    t.equal(Number(said.at(-1)), Math.max(...counts), 'its highest value is said');
  }
  t.same(problems, []);
});

t.test('each span of a typical trace has a name in sight at 400 pixels', async (t) => {
  await openCause(/order … of user … not found/);
  await page.setViewportSize({ width: 400, height: 800 });
  const names = page.getByRole('region', { name: 'A typical trace' }).locator('li bdi');
  for (const name of await names.all()) {
    const [shown, whole] = await name.evaluate((each) => [each.clientWidth, each.scrollWidth]);
    t.ok(
      (shown ?? 0) >= Math.min(60, whole ?? 0),
      `${await name.textContent()}: ${shown} of ${whole} pixels`,
    );
  }
  t.same(problems, []);
});

t.test('a cause is hidden as known at once and can be undone; hidden ones are counted', async (t) => {
  await openCause(/SELECT ledger/);
  await page.getByRole('button', { name: 'Hide as known' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Hide as known' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await visit('/');
  await page.locator('.cause-link').first().waitFor();
  t.equal(await page.locator('.cause-link', { hasText: 'SELECT ledger' }).count(), 0);
  await page.getByText('Open 7').waitFor();
  await page.getByRole('radio', { name: 'Known 1' }).check({ force: true });
  await page.locator('.cause-link', { hasText: 'SELECT ledger' }).click();
  await page.getByRole('button', { name: 'Show again' }).click();
  await page.getByRole('button', { name: 'Hide as known' }).waitFor();
  t.same(problems, []);
});

t.test(
  'an address of no cause says so, and a cause of another time says that it is not in this one',
  async (t) => {
    await visit('/cause/nonsense');
    await page.getByRole('alert').getByText('Something cut or changed the address').waitFor();
    await openCause(/SELECT items/);
    await chooseTime(page, 'Last minute');
    await page.getByRole('heading', { name: 'Not in this time' }).waitFor();
    t.match(await shownText(page.getByRole('heading', { level: 1 })), 'SELECT items of cart');
  },
);

t.test(
  'the list of a cause has pages, an order and a way to the filters, and its traces lead back to it',
  async (t) => {
    await openCause(/SELECT items/);
    const rows = page.locator('.trace-list tbody tr');
    await rows.first().waitFor();
    const total = Number(
      /Its (\d+) traces/.exec(await shownText(page.getByRole('heading', { name: /^Its/ })))?.[1],
    );
    t.equal(await rows.count(), Math.min(50, total));
    await page.getByRole('columnheader', { name: 'Took' }).getByRole('button').click();
    await page.waitForURL(/order=slowest/);
    t.equal(await page.getByLabel('Span name').count(), 0);
    await page.getByRole('link', { name: 'All in Traces' }).click();
    await page.getByLabel('Span name').fill('no such span');
    await page.keyboard.press('Enter');
    await page.getByText('No trace fits the filters').waitFor();
    await page.goBack();
    await page.waitForURL('**/cause/**');
    await rows.first().waitFor();
    await page.locator('.trace-link').first().click();
    await page.getByText(new RegExp(`^1 of ${total}$`)).waitFor();
    t.same(problems, []);
  },
);

t.test('beside the causes stands the time with which they were compared, where it is stored', async (t) => {
  const said = page.locator('.what-was-looked-at');
  await visit('/');
  await said.waitFor();
  t.match(await shownText(said), /^\d+ traces were looked at\.$/);
  const from = Number(begin / 1_000_000_000n) + 200;
  await visit(`/?start=${from}&end=${from + 100}`);
  await said.getByText(/New: not there from (?:\w+ \d+ )?\d\d:\d\d to (?:\w+ \d+ )?\d\d:\d\d/).waitFor();
  await page.locator('.cause-link').first().click();
  await page.getByText(/New: not there from (?:\w+ \d+ )?\d\d:\d\d to (?:\w+ \d+ )?\d\d:\d\d/).waitFor();
  t.same(problems, []);
});

t.test('a trace that shows it is the third stop of Tab after the bar', async (t) => {
  await openCause(/SELECT ledger/);
  await page.locator('#view').focus();
  for (let stop = 0; stop < 3; stop += 1) await page.keyboard.press('Tab');
  await hasFocus(page.getByRole('link', { name: 'A trace that shows it' }));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/trace/**');
  t.same(problems, []);
});

t.test('light and dark, wide and at 400 pixels: nothing for axe to complain of', async (t) => {
  await openCause(/SELECT ledger/);
  await page.getByRole('heading', { name: /^Its/ }).waitFor();
  await eachLook(page, async ({ width }, look) => {
    t.same(await violations(), [], look);
    t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
  });
});

t.test('a new error has the line of its deploy in the chart, and its stack where it begins', async (t) => {
  const minute = 60_000;
  const at = (ago: number) => BigInt(Date.now() - ago * minute) * 1_000_000n;
  const request = (version: string, ago: number, stack?: string) => ({
    service: 'shop',
    name: 'GET /cart',
    kind: 2,
    start: at(ago),
    durationMs: 5,
    resource: { 'service.version': version },
    ...(stack !== undefined && {
      status: 2 as const,
      events: [
        {
          name: 'exception',
          attributes: {
            'exception.type': 'RangeError',
            'exception.message': 'no such cart',
            'exception.stacktrace': stack,
          },
        },
      ],
    }),
  });
  const stack = 'RangeError: no such cart\n    at openCart (/srv/shop/cart.js:31:9)';
  const { page, problems } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(store, [
        ...[130, 110, 90, 70, 50].map((ago) => request('1.9', ago)),
        ...[30, 20, 10].map((ago) => request('1.10', ago, stack)),
      ]),
  });
  await page.locator('.cause-link', { hasText: 'no such cart' }).click();
  await page.locator('.facts').waitFor();
  t.equal(await page.locator('.typical-rows').count(), 0, 'one span tells nothing');
  const begins = page.getByRole('region', { name: 'Where it begins' });
  t.match(await shownText(begins.locator('.stack')), /RangeError: no such cart\s+at openCart/u);
  const mark = page.getByRole('region', { name: 'Since when' }).locator('.cause-deploy');
  t.equal(await shownText(mark), '1.10');
  const [line, plot] = await Promise.all([
    mark.boundingBox(),
    page.locator('.cause-chart > .within').boundingBox(),
  ]);
  const share = ((line?.x ?? 0) - (plot?.x ?? 0)) / (plot?.width ?? 1);
  t.ok(share > 0.3 && share < 0.55, `half an hour ago, at ${share} of the hour`);
  t.same(problems, []);
});
