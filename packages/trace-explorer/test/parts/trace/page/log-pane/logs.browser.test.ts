import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../../../test/helpers/nightly.ts';
import { openPage } from '../../../../page/browser.ts';
import { eachLook, pageWidth } from '../../../../page/looks.ts';
import { shownText } from '../../../../page/trace-fixtures.ts';
import { randomId, storeLogs, storeSpans } from '../../../../spans.ts';
import { showTrace } from '../open-trace.ts';
import { STACK, showLogs } from './log-fixtures.ts';

const open = await openPage(t, { path: false });
const { page, store, problems, violations, visit } = open;

t.test('the number of several lines at one point does not lie over the length of the bar', async (t) => {
  const [traceId, root, spanId] = [randomId(16), randomId(8), randomId(8)];
  const start = BigInt(Date.now() - 60_000) * 1_000_000n;
  await storeSpans(store, [
    { traceId, spanId: root, name: 'all', start, durationMs: 100 },
    { traceId, spanId, parentSpanId: root, name: 'work', start, durationMs: 40 },
  ]);
  const line = { traceId, spanId, time: start + 40_000_000n, severity: 17, body: 'no answer' };
  await storeLogs(
    store,
    Array.from({ length: 12 }, () => line),
  );
  await visit(`/trace/${traceId}`);
  const row = page.getByRole('row', { name: 'work' });
  const number = row.locator('.log-count');
  await number.waitFor();
  const [before, after] = await Promise.all([number.boundingBox(), row.locator('.bar-label').boundingBox()]);
  t.ok(
    before !== null && after !== null && before.x + before.width <= after.x,
    JSON.stringify([before, after]),
  );
  t.same(problems, []);
});

t.test('log lines are marks on the bars of their spans, come by themselves, and are one list', async (t) => {
  const { ids, list, search, texts } = await showLogs(open);
  const bar = (name: string) => page.getByRole('row', { name }).first();
  // Written after the page was opened: nobody reloads it.
  await bar('GET /api/users, user-lookup').locator('.log-mark').nth(1).waitFor();
  t.match(
    await bar('GET /api/users, user-lookup').locator('.log-mark').nth(0).getAttribute('aria-label'),
    /^WARN at 20\.0 ms: the pool is nearly empty$/,
  );
  const shapes = await page
    .locator('.log-mark path')
    .evaluateAll((all) => all.map((each) => each.getAttribute('d')));
  t.equal(new Set(shapes).size, shapes.length, 'each level has a shape of its own');

  await page.getByText('A log line belongs to a span that has not arrived.').waitFor();
  await page.getByRole('button', { name: 'Show the log lines' }).click();
  t.equal(search().get('logs'), 'list');
  await list.getByText('of the trace alone').waitFor(); // the list's script is loaded when it is first shown
  t.same(await texts(), [
    'cache asked',
    'reading the feed',
    'the pool is nearly empty',
    'could not charge · CardError: declined',
    'of a late span',
    'of the trace alone',
  ]);

  await list.getByText('could not charge').click();
  t.equal(search().get('span'), ids.users);
  const panel = page.getByRole('complementary', { name: 'Selected span' });
  await panel.getByRole('tab', { name: 'Events, logs 2', selected: true }).waitFor();
  t.match(
    await shownText(panel.locator('.chosen')),
    /ERROR\s+exception[\s\S]*could not charge[\s\S]*CardError/,
  );
  t.match(await shownText(panel.locator('.stack')), STACK);

  await page.getByRole('row', { name: 'home-activities-data' }).first().click();
  t.match(await list.locator('.of-span').allInnerTexts(), [/reading the feed/]);
  t.equal(search().get('log'), null, 'another span has other lines');

  await list.getByText('of a late span').click();
  const unfolded = list.locator('.log-open');
  await list.locator('[aria-expanded="true"]').getByText('its span has not arrived').waitFor();
  await unfolded.getByText('of a late span').waitFor();
  await list.getByText('of the trace alone').click();
  await unfolded.getByText('of the trace alone').waitFor();
  await page.reload();
  await unfolded.getByText('of the trace alone').waitFor();
  t.equal(await unfolded.count(), 1, 'one line is unfolded at a time');

  await page.getByRole('radio', { name: 'Warn' }).check();
  t.equal((await texts()).length, 3);
  await page.getByLabel('Text in the lines').fill('POOL');
  await page.waitForFunction(() => document.querySelectorAll('.trace-logs .log-line').length === 1);
  t.match(search().toString(), /log_level=warn&log_q=POOL/);
  if (IS_NIGHT) t.same(await violations(), []);
  await page.getByLabel('Text in the lines').fill('nobody wrote this');
  await page.getByText('No line fits').waitFor();
  await page.getByRole('button', { name: 'Show all 6 lines' }).click();
  t.equal((await texts()).length, 6);
  t.same(problems, []);
});

t.test('the list goes by keys: its lines, their spans, and away', async (t) => {
  const { ids, list, goto, search } = await showLogs(open);
  await goto('?span=none&logs=none');
  await page.locator('.log-mark').first().waitFor();
  await page.keyboard.press('l');
  await list.waitFor();
  await list.focus();
  await page.keyboard.press('ArrowDown');
  await page.waitForURL(/log=/);
  t.equal(search().get('span'), ids.home);
  await page.keyboard.press('ArrowDown');
  await page.waitForURL((url) => url.searchParams.get('span') === ids.data);
  await page.keyboard.press('End');
  const unfolded = list.locator('.log-open');
  await unfolded.getByText('of the trace alone').waitFor();
  await page.keyboard.press('Escape');
  await unfolded.waitFor({ state: 'detached' });
  await page.keyboard.press('l');
  await list.waitFor({ state: 'detached' });
});

t.test('below few rows the log lines stand by themselves, until they are put away', async (t) => {
  const { traceId, list, search } = await showLogs(open);
  await list.getByText('cache asked').waitFor();
  t.equal(search().get('logs'), null);
  const [rows, lines] = await Promise.all([
    page.locator('.span-row').last().boundingBox(),
    list.boundingBox(),
  ]);
  t.ok(rows !== null && lines !== null && rows.y + rows.height <= lines.y, 'no row is below them');
  await page.getByRole('button', { name: 'Close the list of log lines' }).click();
  await list.waitFor({ state: 'detached' });
  t.equal(search().get('logs'), 'none');
  await visit(`/trace/${traceId}`, { height: 400 });
  await page.locator('.log-mark').first().waitFor();
  t.equal(await list.count(), 0, 'where rows fill more, they have the room');
  t.same(problems, []);
});

t.test('log lines that cannot be read are missed, not taken for none', async (t) => {
  const ownTab = await openPage(t, { path: false, hasOwnTab: true });
  const { page } = ownTab;
  const { goto, list } = await showLogs(ownTab);
  let isAsked = false;
  await page.exposeFunction('tellClick', () => {
    isAsked = true;
  });
  await page.route('**/api/logs?trace_id=*', (route) =>
    isAsked
      ? route.continue()
      : route.fulfill({ status: 503, json: { detail: 'Too many questions at a time.' } }),
  );
  await goto('?logs=list');
  const alert = page.getByRole('alert');
  await alert.getByText('No log lines: Too many questions at a time.').waitFor();
  // The list may ask by itself meanwhile: it is refused until the button was pressed.
  await page.evaluate('addEventListener("pointerdown", () => tellClick())');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await list.getByText('cache asked').waitFor();
  t.equal(await alert.count(), 0);
});

t.test('light and dark, wide and at 400 pixels: nothing for axe to complain of', async (t) => {
  const { ids, goto } = await showLogs(open);
  await eachLook(page, async ({ width }, look) => {
    await goto(width === 400 ? '?span=none&logs=list' : `?span=${ids.users}&tab=events&logs=list`);
    await page.locator('.log-line').first().waitFor();
    t.same(await violations(), [], look);
    t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
  });
});

t.test('a trace that no span has come of leads to the lines that have', async (t) => {
  const traceId = randomId(16);
  await store.write(decodedLogs([{ traceId, spanId: randomId(8), service: 'api', body: 'first' }]));
  await visit(`/trace/${traceId}`);
  await page.getByText('No span of this trace is here yet').waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  await page.getByRole('link', { name: 'Its log lines' }).click();
  await page.locator('.log-rows').getByText('first').waitFor();
});

atNight(t).test(
  'of a trace with many log lines the first are shown, said so, with the way to all',
  async (t) => {
    const begin = Date.now() - 60_000;
    const { traceId, ids, goto } = await showTrace(open, { trace: { start: begin } });
    const spanId = String(ids.data);
    await store.write(
      decodedLogs(
        Array.from({ length: 20_001 }, (_, n) => ({
          traceId,
          spanId,
          service: 'activities-api',
          severity: n === 20_000 ? 17 : 9,
          body: `line ${n}`,
          time: BigInt(begin) * 1_000_000n + BigInt(n) * 1000n,
        })),
      ),
    );
    await goto('?logs=list&log_level=error');
    const said = page.getByText('These are the first 20,000 log lines.');
    await said.waitFor();
    await page.getByRole('link', { name: 'All lines of the trace' }).click();
    await page.locator('.log-rows').getByText('line 20000', { exact: true }).waitFor();
    const { pathname, searchParams } = new URL(page.url());
    t.equal(pathname, '/logs');
    t.match(decodeURIComponent(searchParams.get('where') ?? ''), `trace.trace_id=${traceId}`);
  },
);
