import type { PlainLogRecord } from '@tandem/otlp/testing';
import { decodedLogs } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import type { SpanStore } from '../../../../../src/store/types.ts';
import { randomId } from '../../../../spans.ts';
import { openPage } from '../../../browser.ts';
import { shownText } from '../../../trace-fixtures.ts';
import { openTrace } from '../open-trace.ts';

const STACK = 'CardError: declined\n    at charge (file:///srv/app/src/charge.ts:4:9)';

/** Lines in the spans of the home feed, whose start is this many milliseconds since the epoch. */
function lines(start: number, traceId: string, ids: Readonly<Record<string, string>>): PlainLogRecord[] {
  const line = (ms: number, spanId: string | undefined, more: PlainLogRecord): PlainLogRecord => ({
    service: 'activities-api',
    traceId,
    ...(spanId !== undefined && { spanId }),
    time: BigInt(start) * 1_000_000n + BigInt(ms * 1e6),
    ...more,
  });
  return [
    line(5, ids.home, { severity: 5, body: 'cache asked' }),
    line(6, ids.data, { severity: 9, body: 'reading the feed', attributes: { rows: 20 } }),
    line(20, ids.users, { severity: 13, service: 'user-lookup', body: 'the pool is nearly empty' }),
    line(30, ids.users, {
      severity: 17,
      service: 'user-lookup',
      body: 'could not charge',
      attributes: {
        'exception.type': 'CardError',
        'exception.message': 'declined',
        'exception.stacktrace': STACK,
      },
    }),
    line(36, randomId(8), { severity: 9, body: 'of a late span' }),
    line(37, undefined, { severity: 21, body: 'of the trace alone' }),
  ];
}

async function openLogs(t: Test, options: Parameters<typeof openTrace>[1] = {}) {
  const start = Date.now() - 60_000;
  const opened = await openTrace(t, { ...options, trace: { start } });
  const { page, store, goto, traceId, ids } = opened;
  await store.write(decodedLogs(lines(start, traceId, ids)));
  const search = () => new URL(page.url()).searchParams;
  const list = page.getByRole('listbox', { name: 'Log lines' });
  return { ...opened, goto, search, list, texts: () => list.locator('.log-text').allInnerTexts() };
}

t.test('log lines are marks on the bars of their spans, come by themselves, and are one list', async (t) => {
  const { page, ids, list, search, texts, violations, problems } = await openLogs(t);
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

  await page.getByText('A log line is of a span that has not arrived.').waitFor();
  await page.getByRole('button', { name: 'Show the log lines' }).click();
  t.equal(search().get('logs'), 'list');
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
  t.equal(
    await list
      .locator('.of-span')
      .innerText()
      .then((text) => /reading the feed/.test(text)),
    true,
  );
  t.equal(search().get('log'), null, 'another span has other lines');

  await list.getByText('of a late span').click();
  const alone = page.getByRole('complementary', { name: 'Log line' });
  await alone.getByText(/Its span [0-9a-f]{16} has not arrived/).waitFor();
  await list.getByText('of the trace alone').click();
  await alone.getByText('of the trace, but of no span').waitFor();
  await page.reload();
  await alone.getByText('of the trace, but of no span').waitFor();

  await page.getByLabel('Level', { exact: true }).selectOption('warn');
  t.equal((await texts()).length, 3);
  await page.getByLabel('Text in the lines').fill('POOL');
  await page.waitForFunction(() => document.querySelectorAll('.trace-logs .log-line').length === 1);
  t.match(search().toString(), /log_level=warn&log_q=POOL/);
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('the list goes by keys: its lines, their spans, and away', async (t) => {
  const { page, ids, list, goto, search } = await openLogs(t);
  await goto('?span=none');
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
  await page.getByRole('complementary', { name: 'Log line' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('l');
  await list.waitFor({ state: 'detached' });
});

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`${colorScheme}: nothing for axe to complain of, wide and at 400 pixels`, async (t) => {
    const { page, ids, goto, violations } = await openLogs(t, { colorScheme });
    await goto(`?span=${ids.users}&tab=events&logs=list`);
    await page.locator('.log-line').first().waitFor();
    t.same(await violations(), []);
    await page.setViewportSize({ width: 400, height: 800 });
    await goto('?span=none&logs=list');
    await page.locator('.log-line').first().waitFor();
    t.same(await violations(), []);
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400, 'nothing sticks out');
  });
}

t.test('a trace that no span has come of shows the lines that have', async (t) => {
  const traceId = randomId(16);
  const write = (store: SpanStore, body: string) =>
    store.write(decodedLogs([{ traceId, spanId: randomId(8), service: 'api', body }]));
  const { page, store, violations } = await openPage(t, {
    path: `/trace/${traceId}`,
    fill: (store) => write(store, 'first'),
  });
  await page.getByText('No span of this trace is here yet').waitFor();
  await page.getByRole('listbox').getByText('first').click();
  await page.locator('.log-detail').waitFor();
  await write(store, 'second');
  await page.getByRole('listbox').getByText('second').waitFor();
  t.same(await violations(), []);
});
