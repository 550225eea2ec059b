import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { openPage } from '../../../page/browser.ts';
import { choose, chooseTime } from '../../../page/choose.ts';
import { hasFocus } from '../../../page/focus.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { rowsOfFilters, shownText } from '../../../page/trace-fixtures.ts';
import { at, fill, spanId, traceId } from './log-fixtures.ts';

const { page, origin, store, problems, reset, violations, visit } = await openPage(t, { path: false, fill });

t.test('all lines, the newest first, narrowed by whatever is chosen; the URL says all of it', async (t) => {
  await visit('/logs');
  const search = () => new URL(page.url()).searchParams;
  const texts = async () =>
    (await page.locator('.log-rows .log-text').allInnerTexts()).map((text) =>
      text.split(/ ·| user\.id=/)[0]?.trim(),
    );
  // The last list stays until the next one is read.
  const shows = (expected: readonly string[]) =>
    until(async () => JSON.stringify(await texts()) === JSON.stringify(expected), {
      what: `the lines ${expected.join(', ')}`,
    });
  const structured = '{"deep":{"a":1},"msg":"structured"}';
  await shows([structured, 'payment refused', 'Payment slow', 'started', 'an hour ago']);
  await page.locator('nav a[aria-current=page]', { hasText: 'Logs' }).waitFor();
  t.match(
    await page.getByRole('img', { name: /lines from/ }).getAttribute('aria-label'),
    /5 lines .*: 2 error, fatal, 1 warn, 2 info and below/,
  );
  await page.getByRole('radio', { name: 'Warn' }).check();
  await shows(['payment refused', 'Payment slow', 'an hour ago']);
  await chooseTime(page, 'Last 10 minutes');
  await shows(['payment refused', 'Payment slow']);
  await page.getByRole('searchbox', { name: 'Text', exact: true }).fill('PAYMENT');
  await page.waitForURL(/q=PAYMENT/);
  await page.getByRole('button', { name: 'Field', exact: true }).click();
  await page.getByRole('textbox', { name: 'Field = value', exact: true }).fill('n=7');
  await page.keyboard.press('Enter');
  await shows(['Payment slow']);
  t.equal(search().toString(), 'level=warn&q=PAYMENT&where=n%253D7&last=600');
  await page.reload();
  await shows(['Payment slow']);
  await page.getByRole('button', { name: 'Remove n=7' }).click();
  await shows(['payment refused', 'Payment slow']);
  t.equal(await rowsOfFilters(page), 1, 'all filters in one row of 1280 pixels');
  await page.getByRole('button', { name: 'All filters' }).click();
  await choose(page.getByRole('combobox', { name: 'Service', exact: true }), 'worker');
  await shows([structured, 'an hour ago']);
  await page.goto(`${origin}/logs?q=nothing+says+this`);
  await page.getByText('No line fits the filters').waitFor();
  await page.goto(`${origin}/logs?where=no.such%3D1`);
  await page.getByText('named "no.such"').waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  t.same(
    problems.filter((problem) => !problem.includes('status of 400')),
    [],
  );
});

t.test(
  'a line is shown with its fields by keyboard, leads to its trace, and to others like it',
  async (t) => {
    await visit('/logs');
    const rows = page.getByRole('treegrid', { name: 'Log lines' });
    await rows.getByText('payment refused').waitFor();
    await rows.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const open = page.locator('.log-panel');
    await open.getByText('CardError', { exact: true }).waitFor();
    t.match(
      await shownText(open),
      /ERROR[\s\S]*payment refused[\s\S]*user\.id[\s\S]*ada[\s\S]*at charge[\s\S]*service\.name/,
    );
    if (IS_NIGHT) t.same(await violations(), []);
    const url = page.url();
    await open.getByRole('button', { name: 'Close the line' }).focus();
    await page.keyboard.press('Escape');
    await open.waitFor({ state: 'detached' });
    await hasFocus(rows);
    await page.goto(url);
    await open.getByText('CardError', { exact: true }).waitFor();
    await page.locator('.log-rows [aria-selected="true"]').getByText('payment refused').waitFor();
    await open.getByRole('button', { name: 'Only lines with user.id = ada' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('.log-rows .log-line').length === 2);
    await hasFocus(rows);
    await open.getByText('CardError', { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    t.match(
      await shownText(rows.locator('[aria-selected="true"]')),
      'Payment slow',
      'from the line that is open to the next',
    );
    await page.keyboard.press('ArrowUp');
    await open.getByRole('link', { name: /In its trace/ }).click();
    await page.waitForURL(new RegExp(`/trace/${traceId}\\?span=${spanId}`));
    await page.locator('.trace-logs [aria-selected="true"]').getByText('payment refused').waitFor();
    t.same(problems, []);
  },
);

t.test(
  'back closes a line that was opened, and leaves the list as it was; then it leaves the logs',
  async (t) => {
    await visit('/traces');
    await page.locator('nav a', { hasText: 'Logs' }).click();
    const rows = page.getByRole('treegrid', { name: 'Log lines' });
    const open = page.locator('.log-panel');
    const line = rows.getByText('payment refused');
    await line.click();
    await open.getByText('CardError', { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await open.getByText('Payment slow').first().waitFor();
    await page.keyboard.press('ArrowUp');
    const reads: string[] = [];
    page.on('request', (request) => reads.push(request.url()));
    await open.getByRole('link', { name: /In its trace/ }).click();
    await page.waitForURL('**/trace/**');
    await page.goBack();
    await open.getByText('CardError', { exact: true }).waitFor();
    await open.getByRole('link', { name: /In its trace/ }).focus();
    await page.goBack();
    await open.waitFor({ state: 'detached' });
    t.match(page.url(), /\/logs(?:\?|$)/);
    await hasFocus(rows);
    const again = reads.filter((url) => /\/api\/logs\?/.test(url) && !url.includes(traceId));
    t.same(again, [], 'the list is not read again');
    await page.goForward();
    await open.getByText('CardError', { exact: true }).waitFor();
    await open.getByRole('button', { name: 'Close the line' }).click();
    await open.waitFor({ state: 'detached' });
    await hasFocus(rows);
    await page.goBack();
    await page.goBack();
    await page.waitForURL('**/traces**');
    t.same(problems, []);
  },
);

t.test('light and dark, wide and at 400 pixels: nothing for axe to complain of', async (t) => {
  await visit('/logs');
  await page.locator('.log-rows').getByText('payment refused').click();
  await page.locator('.log-panel .field-list').first().waitFor();
  await eachLook(page, async ({ width }, look) => {
    t.same(await violations(), [], look);
    t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
  });
  const level = page.getByLabel('Level');
  t.notOk(await level.isVisible(), 'filters are folded');
  await page.getByRole('button', { name: 'Filters', expanded: false }).click();
  await page.getByRole('radio', { name: 'Error' }).check();
  await page.getByLabel('Text').fill('payment');
  await page.waitForURL(/level=error.*q=payment|q=payment.*level=error/);
  if (IS_NIGHT) t.same(await violations(), []);
  t.equal(await pageWidth(page), 400, 'nothing sticks out');
  await page.getByRole('button', { name: 'Filters (set)', expanded: true }).waitFor();
  await page.getByRole('switch', { name: 'Tail' }).click();
  await page.getByText('Following new lines.').waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
});

t.test('a tail shows new lines, stands still while a person reads, and goes on', async (t) => {
  const { page, store, problems } = await openPage(t, {
    path: '/logs?mode=tail',
    async fill(store) {
      await fill(store);
      await store.write(
        decodedLogs(Array.from({ length: 150 }, (_, i) => ({ body: `before ${i}`, time: at(19) }))),
      );
    },
  });
  const rows = page.locator('.log-rows');
  await page.getByText('Following new lines.').waitFor();
  await rows.getByText('before 149').waitFor();
  await store.write(decodedLogs([{ body: 'it comes' }]));
  await rows.getByText('it comes').waitFor();
  await page.evaluate(() => scrollTo({ top: 0 }));
  const toEnd = page.getByRole('button', { name: 'To the end' });
  await toEnd.waitFor();
  const height = () => page.evaluate(() => document.documentElement.scrollHeight);
  const before = await height();
  await store.write(decodedLogs([{ body: 'one more' }, { body: 'and another' }]));
  await until(async () => (await height()) > before);
  t.equal(await page.evaluate(() => scrollY), 0, 'it stands still');
  await toEnd.click();
  await rows.getByText('and another').waitFor();
  await store.write(decodedLogs(Array.from({ length: 620 }, (_, i) => ({ body: `flood ${i}` }))));
  await rows.getByText('flood 619').waitFor();
  await page.getByText('120 lines skipped, narrow the filter.').waitFor();
  t.same(problems, []);
});

t.test('a tail that is refused says so, tries again by itself, and misses no line', async (t) => {
  await reset();
  await page.route('**/api/logs/tail?*', (route) => route.fulfill({ status: 503 }));
  await page.goto(`${origin}/logs?mode=tail`);
  await page.getByText('The explorer refused to send new lines. Connecting …').waitFor();
  await page.route('**/api/logs?*', (route) =>
    route.fulfill({ status: 422, json: { detail: 'No such field.' } }),
  );
  await page.getByText('No such field. Connecting …').waitFor();
  await store.write(decodedLogs([{ body: 'meanwhile' }]));
  await page.unrouteAll();
  await page.getByText('Following new lines.').waitFor();
  await page.locator('.log-rows').getByText('meanwhile').waitFor();
  t.equal(await page.locator('.logs-tail .error-text').count(), 0);
});

t.test('a long list is read page by page as it is scrolled, and never all in the document', async (t) => {
  const { page } = await openPage(t, {
    path: '/logs',
    async fill(store) {
      const lines = Array.from({ length: 3000 }, (_, i) => ({ body: `line ${i}`, time: at(100 - i / 100) }));
      await store.write(decodedLogs(lines));
    },
  });
  const rows = page.locator('.log-rows');
  await rows.getByText('line 2999', { exact: true }).waitFor();
  t.ok((await page.locator('.log-line').count()) < 100);
  const end = async () => {
    await page.evaluate(() => scrollTo({ top: document.documentElement.scrollHeight }));
    return rows.getByText('line 0', { exact: true }).count();
  };
  for (let turn = 0; turn < 200 && (await end()) === 0; turn++) await page.waitForTimeout(100);
  await rows.getByText('line 0', { exact: true }).waitFor();
  t.ok((await page.locator('.log-line').count()) < 100);
});

t.test('without a line the view says how to send one, and the first line appears by itself', async (t) => {
  const { page, store, violations } = await openPage(t, { path: '/logs' });
  await page.getByText('No log lines yet').waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  await store.write(decodedLogs([{ body: 'the first' }]));
  await page.locator('.log-rows').getByText('the first').waitFor();
});
