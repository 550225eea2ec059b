import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { openPage } from '../../../page/browser.ts';
import { shownText, storeHomeTrace, storeLargeTrace } from '../../../page/trace-fixtures.ts';
import { randomId, storeSpans } from '../../../spans.ts';

const LIVE = '/traces?live=true';

t.test('new traces appear by themselves until Live is switched off; then they are counted', async (t) => {
  const { page, store, problems } = await openPage(t, { path: '/traces?live=true' });
  await page.getByText('No traces yet').waitFor();
  await storeHomeTrace(store);
  const rows = page.locator('.trace-link');
  await rows.first().waitFor();
  await page.getByText('New traces appear by themselves.').waitFor();
  await storeSpans(store, [{ name: 'second' }]);
  await rows.nth(1).waitFor();
  t.match(await shownText(rows.first()), 'second', 'the newest is on top');
  await page.keyboard.press('L');
  await page.waitForURL('**/traces');
  await storeSpans(store, [{ name: 'third' }]);
  await page.getByText('1 trace has arrived.').waitFor();
  t.equal(await rows.count(), 2);
  await page.keyboard.press('L');
  await rows.nth(2).waitFor();
  t.match(page.url(), 'live=true');
  await page.getByRole('button', { name: /^Time: / }).click();
  const live = page.getByRole('switch', { name: /^Live/ });
  t.ok(await live.isChecked());
  await page.keyboard.press('L');
  await until(async () => !(await live.isChecked()), { what: 'the key that stands beside the switch' });
  t.notMatch(page.url(), 'live=true');
  t.same(problems, []);
});

t.test(
  'Live takes the filter of the list: one user, also when the span that says so comes later',
  async (t) => {
    const traceId = randomId(16);
    const root = randomId(8);
    const user = (name: string) => ({ attributes: { 'user.id': name } });
    const { page, store, problems } = await openPage(t, {
      path: `${LIVE}&field=user.id%3Dada`,
      fill: (opened) => storeSpans(opened, [{ name: 'first', ...user('ada') }]),
    });
    const rows = page.locator('.trace-link');
    await rows.filter({ hasText: 'first' }).waitFor();
    await page.getByText('New traces appear by themselves.').waitFor();
    await storeSpans(store, [{ traceId, spanId: root, name: 'later' }]);
    await storeSpans(store, [
      { name: 'of somebody else', ...user('worf') },
      { name: 'second', ...user('ada') },
    ]);
    await rows.filter({ hasText: 'second' }).waitFor();
    t.equal(await rows.count(), 2);
    await storeSpans(store, [{ traceId, parentSpanId: root, name: 'child', ...user('ada') }]);
    await rows.filter({ hasText: 'later' }).waitFor();
    t.equal(await rows.count(), 3);
    t.same(problems, []);
  },
);

t.test('a row is one line, however many spans its trace has', async (t) => {
  const { page, problems } = await openPage(t, {
    path: LIVE,
    async fill(store) {
      await storeLargeTrace(store, 10_000);
      await storeSpans(store, [{ name: 'alone' }]);
    },
  });
  const row = (text: string) => page.locator('tbody tr', { hasText: text });
  await row('10,000').waitFor();
  t.equal((await row('10,000').boundingBox())?.height, (await row('alone').boundingBox())?.height);
  t.same(problems, []);
});

t.test('the list holds still under the pointer and under the focus, and says how many are new', async (t) => {
  const { page, store, problems } = await openPage(t, {
    path: LIVE,
    fill: (opened) => storeSpans(opened, [{ name: 'first' }]),
  });
  const rows = page.locator('.trace-link');
  await rows.first().hover();
  await page.getByText('holds still').waitFor();
  await storeSpans(store, [{ name: 'second' }]);
  await page.getByText('1 trace has arrived').waitFor();
  t.equal(await rows.count(), 1);
  await page.mouse.move(0, 0);
  await rows.nth(1).waitFor();
  t.match(await shownText(rows.first()), 'second');

  await rows.first().focus();
  await storeSpans(store, [{ name: 'third' }]);
  await page.getByText('1 trace has arrived').waitFor();
  t.equal(await rows.count(), 2);
  await page.getByRole('button', { name: 'Show them' }).press('Enter');
  await rows.nth(2).waitFor();
  t.same(problems, []);
});
