import t from 'tap';
import { openPage } from '../../../page/browser.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { randomId, storeSpans } from '../../../spans.ts';

const MINUTE = 60_000;

/** Requests of the shop, each with a call of the stock, of which one in so many fails in the stock. */
function requests(count: number, oneIn: number, minutesAgo: number) {
  return Array.from({ length: count }, (_, i) => {
    const [traceId, root, call] = [randomId(16), randomId(8), randomId(8)];
    const own = {
      traceId,
      start: BigInt(Date.now() - minutesAgo * MINUTE - i * 1000) * 1_000_000n,
      status: i % oneIn === 0 ? (2 as const) : (0 as const),
    };
    return [
      { ...own, spanId: root, service: 'shop', name: 'GET /cart', kind: 2 },
      { ...own, spanId: call, parentSpanId: root, service: 'shop', name: 'GET', kind: 3 },
      {
        ...own,
        spanId: randomId(8),
        parentSpanId: call,
        service: 'stock',
        name: 'GET /items',
        kind: 2,
        attributes: { 'user.id': `user-${i % 3}` },
      },
    ];
  }).flat();
}

const { page, problems, visit } = await openPage(t, {
  path: false,
  fill: async (store) => {
    await storeSpans(store, requests(1000, 500, 200));
    await storeSpans(store, requests(1000, 500, 80));
    await storeSpans(store, requests(1000, 125, 10));
  },
});

t.test('four times the usual share of failures is red in each view, below 1 % too', async (t) => {
  const isRed = async (name: string, text: RegExp) => {
    const figure = page.getByText(text).first();
    await figure.waitFor();
    const has = await figure.evaluate((each) => {
      const red = document.body.appendChild(
        Object.assign(document.createElement('i'), { className: 'error-text' }),
      );
      const [color, own] = [red, each].map(
        (element) => getComputedStyle(element)[element instanceof SVGElement ? 'fill' : 'color'],
      );
      red.remove();
      return color === own;
    });
    t.ok(has, name);
  };
  await visit('/');
  await isRed('the share of all requests', /^0\.8 %$/);
  await isRed('a route', /^✗ 8 \(0\.8 %\)$/);
  await isRed('a cause', /^8 (?:requests|traces)$/);
  await page.locator('.cause-row.wrong').waitFor();
  await page.locator('.cause-link').click();
  await isRed('the requests of the cause on its page', /^8 0\.\d % of all$/);
  t.match(await shownText(page.locator('.facts')), /Users\s+3\s+most: user-\d$/mu);
  await visit('/service/shop');
  const callees = page.getByRole('region', { name: 'Callees' });
  await callees.getByText('0.8 %').waitFor();
  t.equal(await callees.locator('.error-text').count(), 1, 'a callee');
  await visit('/map');
  await page
    .locator('.map-node', { hasText: 'stock' })
    .locator('.error-text', { hasText: '0.8 %' })
    .waitFor();
  t.same(problems, []);
});

t.test('a share that is usual is not red', async (t) => {
  const minutesAgo = (minutes: number) => Math.floor(Date.now() / 1000) - minutes * 60;
  await visit(`/?start=${minutesAgo(145)}&end=${minutesAgo(75)}`);
  await page.getByText('✗ 2 (0.2 %)').first().waitFor();
  await page.locator('.cause-row').waitFor();
  t.equal(await page.getByText('was 0.').count(), 1, 'and the usual one is known');
  t.equal(await page.locator('main .error-text').count(), 0);
  t.same(problems, []);
});
