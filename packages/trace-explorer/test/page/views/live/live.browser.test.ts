import t from 'tap';
import { countWaiting, MAX_SHOWN, takeIn } from '../../../../src/page/views/live/live-list.ts';
import type { TraceSummary } from '../../../../src/traces/list/summaries.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { openPage } from '../../browser.ts';
import { eachLook, pageWidth } from '../../looks.ts';
import { shownText, storeHomeTrace, storeLargeTrace } from '../../trace-fixtures.ts';

const summary = (trace_id: string, spans = 1) => ({ trace_id, spans }) as TraceSummary;

t.test('while paused traces wait; a trace that grows is counted once and stays in its place', (t) => {
  let list = takeIn({ shown: [], waiting: [] }, [summary('b'), summary('a')], false);
  list = takeIn(list, [summary('c'), summary('a', 5)], true);
  list = takeIn(list, [summary('c', 2)], true);
  t.same(
    list.shown.map(({ trace_id, spans }) => `${trace_id}${spans}`),
    ['b1', 'a1'],
  );
  t.equal(countWaiting(list), 1);
  list = takeIn(list, [], false);
  t.same(
    list.shown.map(({ trace_id, spans }) => `${trace_id}${spans}`),
    ['c2', 'b1', 'a5'],
  );
  t.equal(countWaiting(list), 0);
  const many = Array.from({ length: MAX_SHOWN + 50 }, (_, index) => summary(String(index)));
  t.equal(takeIn(list, many, false).shown.length, MAX_SHOWN);
  t.end();
});

t.test('new traces appear by themselves, wait while one is read, and come when it is closed', async (t) => {
  const { page, store, origin, problems } = await openPage(t, { path: '/live' });
  await page.getByText('Waiting for the first trace').waitFor();
  const first = await storeHomeTrace(store);
  const rows = page.locator('.live-row');
  await rows.first().waitFor();
  t.match(await shownText(rows.first()), 'GET /api/activities/home');
  await rows.first().getByRole('button').click();
  await page.locator('.inline-trace .span-row').nth(7).waitFor();
  t.match(page.url(), `trace=${first.traceId}`);
  await storeSpans(store, [{ name: 'second' }]);
  await storeSpans(store, [{ name: 'third' }]);
  await page.getByText('2 new traces wait').waitFor();
  t.equal(await rows.count(), 1, 'the list stands still while a person reads');
  await page.getByRole('button', { name: 'Go on' }).click();
  await rows.nth(2).waitFor();
  t.match(await shownText(rows.first()), 'third');
  await page.getByRole('button', { name: 'Pause' }).click();
  await storeSpans(store, [{ name: 'fourth' }]);
  await page.getByText('1 new trace waits').waitFor();
  await page.goto(`${origin}/live?trace=${first.traceId}`);
  await page.locator('.inline-trace .span-row').first().waitFor();
  t.same(problems, []);
});

t.test('a row is one line, however many spans its trace has', async (t) => {
  const { page, problems } = await openPage(t, {
    path: '/live',
    async fill(store) {
      await storeLargeTrace(store, 10_000);
      await storeSpans(store, [{ name: 'alone' }]);
    },
  });
  const row = (text: string) => page.locator('.live-row', { hasText: text });
  await row('10,000 spans').waitFor();
  t.equal((await row('10,000 spans').boundingBox())?.height, (await row('alone').boundingBox())?.height);
  t.match(await shownText(row('alone')), /\b1 span\b(?!s)/);
  t.same(problems, []);
});

t.test('the list holds still under the pointer and under the focus, and says how many are new', async (t) => {
  const { page, store, problems } = await openPage(t, {
    path: '/live',
    fill: (opened) => storeSpans(opened, [{ name: 'first' }]),
  });
  const rows = page.locator('.live-row');
  await rows.first().hover();
  await page.getByText('holds still').waitFor();
  await storeSpans(store, [{ name: 'second' }]);
  await page.getByRole('button', { name: '1 new' }).waitFor();
  t.equal(await rows.count(), 1);
  await page.mouse.move(0, 0);
  await rows.nth(1).waitFor();
  t.match(await shownText(rows.first()), 'second');

  await rows.first().getByRole('button').focus();
  await storeSpans(store, [{ name: 'third' }]);
  await page.getByRole('button', { name: '1 new' }).waitFor();
  t.equal(await rows.count(), 2);
  await page.getByRole('button', { name: '1 new' }).focus();
  await rows.nth(2).waitFor();
  t.same(problems, []);
});

t.test('an open trace grows in place', async (t) => {
  const traceId = randomId(16);
  const root = randomId(8);
  const attributes = { SampleRate: 10 };
  const { page, store, problems } = await openPage(t, {
    path: `/live?trace=${traceId}`,
    fill: (opened) => storeSpans(opened, [{ traceId, spanId: root, name: 'root', attributes }]),
  });
  await page.locator('.inline-trace .span-row', { hasText: 'root' }).waitFor();
  await storeSpans(store, [{ traceId, parentSpanId: root, name: 'child', attributes }]);
  await page.locator('.inline-trace .span-row', { hasText: 'child' }).waitFor();
  t.match(await shownText(page.locator('.inline-trace-facts')), /2 spans\s+×10/u);
  t.same(problems, []);
});

t.test('light and dark, wide and at 400 pixels: nothing for axe to complain of', async (t) => {
  let traceId = '';
  const { page, violations, problems } = await openPage(t, {
    path: () => `/live?trace=${traceId}`,
    async fill(store) {
      traceId = (await storeHomeTrace(store, { failing: true })).traceId;
      await storeHomeTrace(store);
    },
  });
  await page.locator('.inline-trace .span-row').first().waitFor();
  await eachLook(page, async ({ width }, look) => {
    t.same(await violations(), [], look);
    t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
  });
  const cut = await page
    .locator('.root-name > bdi')
    .evaluateAll((all) => all.filter((name) => name.scrollWidth > name.clientWidth).length);
  t.equal(cut, 0, 'names that end differently can be told apart');
  t.same(problems, []);
});
