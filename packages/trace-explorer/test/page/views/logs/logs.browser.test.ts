import t from 'tap';
import { openPage } from '../../browser.ts';
import { shownText } from '../../trace-fixtures.ts';
import { fill, spanId, traceId } from './log-fixtures.ts';

t.test('all lines, the newest first, narrowed by whatever is chosen; the URL says all of it', async (t) => {
  const { page, origin, problems, violations } = await openPage(t, { path: '/logs', fill });
  const search = () => new URL(page.url()).searchParams;
  const texts = async () =>
    (await page.locator('.log-rows .log-text').allInnerTexts()).map((text) =>
      text.split(/ ·| user\.id=/)[0]?.trim(),
    );
  const shows = async (expected: readonly string[]) => {
    await page.waitForFunction(
      (count) => document.querySelectorAll('.log-rows .log-line').length === count,
      expected.length,
    );
    t.same(await texts(), expected);
  };
  const structured = '{"msg":"structured","deep":{"a":1}}';
  await shows([structured, 'payment refused', 'Payment slow', 'started', 'an hour ago']);
  await page.locator('nav a[aria-current=page]', { hasText: 'Logs' }).waitFor();
  t.match(
    await page.getByRole('img', { name: /lines from/ }).getAttribute('aria-label'),
    /5 lines .*: 2 error, fatal, 1 warn, 2 info and below/,
  );
  await page.getByRole('combobox', { name: 'Level', exact: true }).selectOption('warn');
  await shows(['payment refused', 'Payment slow', 'an hour ago']);
  await page.getByRole('combobox', { name: 'Time', exact: true }).selectOption('600');
  await shows(['payment refused', 'Payment slow']);
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill('PAYMENT');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Field = value', exact: true }).fill('n=7');
  await page.keyboard.press('Enter');
  await shows(['Payment slow']);
  t.equal(search().toString(), 'level=warn&q=PAYMENT&where=n%253D7&last=600');
  await page.reload();
  await shows(['Payment slow']);
  await page.getByRole('button', { name: 'Remove n=7' }).click();
  await shows(['payment refused', 'Payment slow']);
  await page.getByRole('button', { name: '✕ All filters' }).click();
  await page.getByRole('combobox', { name: 'Service', exact: true }).selectOption('worker');
  await shows([structured, 'an hour ago']);
  await page.goto(`${origin}/logs?q=nothing+says+this`);
  await page.getByText('No line fits the filters').waitFor();
  await page.goto(`${origin}/logs?where=no.such%3D1`);
  await page.getByText('named "no.such"').waitFor();
  t.same(await violations(), []);
  t.same(
    problems.filter((problem) => !problem.includes('status of 400')),
    [],
  );
});

t.test('a line unfolds into its fields by keyboard, leads to its trace, and to others like it', async (t) => {
  const { page, problems, violations } = await openPage(t, { path: '/logs', fill });
  const rows = page.getByRole('treegrid', { name: 'Log lines' });
  await rows.getByText('payment refused').waitFor();
  await rows.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const open = page.locator('.log-open');
  await open.getByText('CardError', { exact: true }).waitFor();
  t.match(
    await shownText(open),
    /ERROR[\s\S]*payment refused[\s\S]*user\.id[\s\S]*ada[\s\S]*at charge[\s\S]*service\.name/,
  );
  t.same(await violations(), []);
  const url = page.url();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  t.ok(await open.evaluate((line) => line.contains(document.activeElement)), 'the focus is in the details');
  await page.keyboard.press('Escape');
  await open.waitFor({ state: 'detached' });
  t.ok(await rows.evaluate((list) => list === document.activeElement), 'Escape folds them from within');
  await page.goto(url);
  await open.getByText('CardError', { exact: true }).waitFor();
  await page.locator('.log-rows [aria-expanded="true"]').getByText('payment refused').waitFor();
  await open.getByRole('button', { name: 'Only lines with user.id = ada' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('.log-rows .log-line').length === 2);
  t.ok(await rows.evaluate((list) => list === document.activeElement), 'the focus is on what is left');
  await open.getByText('CardError', { exact: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  t.match(
    await shownText(rows.locator('[aria-selected="true"]')),
    'Payment slow',
    'from the line that is open to the next',
  );
  await open.getByRole('link', { name: /In its trace/ }).click();
  await page.waitForURL(new RegExp(`/trace/${traceId}\\?span=${spanId}`));
  await page.locator('.trace-logs [aria-selected="true"]').getByText('payment refused').waitFor();
  t.same(problems, []);
});
