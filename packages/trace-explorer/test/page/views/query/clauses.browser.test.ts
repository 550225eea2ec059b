import t from 'tap';
import { askFor, openQuery } from './open-query.ts';

const { asked, edit, ofUrl, open, page, problems, violations } = await openQuery(t);
const run = () => page.keyboard.press('Shift+Enter');

t.test(
  'comparison and granularity are clauses; the total and logarithmic axes are in the link',
  async (t) => {
    const server = [{ column: 'span.kind', op: '=', value: 'server' }];
    await open(
      askFor({
        time_range: 600,
        calculations: [{ op: 'HEATMAP', column: 'duration_ms' }, { op: 'COUNT' }],
        filters: server,
        breakdowns: ['http.route'],
      }),
    );
    await edit();
    await page.getByLabel('COMPARE TO').selectOption('30 minutes earlier');
    await page.getByLabel('GRANULARITY').selectOption('1 minute');
    await page.getByLabel('GRANULARITY').focus();
    await run();
    await page.getByRole('columnheader', { name: '30 minutes earlier' }).waitFor();
    t.match(asked(), { compare_time_offset_seconds: 1800, granularity: 60 });
    const legend = page.locator('.legend').last();
    await legend
      .getByRole('listitem')
      .filter({ hasText: /^ ?30 minutes earlier$/ })
      .waitFor();
    t.equal(await legend.getByText('/api/activities/home').count(), 1, 'each group is named once');

    await page.getByLabel('Total of all groups').check();
    const total = page.locator('.total');
    await total.waitFor();
    const counts = await page.locator('.data-table tbody td:nth-child(2)').allInnerTexts();
    const sum = counts.reduce((all, each) => all + Number(each.replaceAll(',', '')), 0);
    t.equal(await total.textContent(), `COUNT of all groups${sum}`);

    const events = async () =>
      Number(/(\d+) events/.exec((await grid.getAttribute('aria-label')) ?? '')?.[1]);
    const grid = page.locator('.heatmap-grid');
    const before = await events();
    await page.getByLabel('Logarithmic value axis').check();
    await page.getByText('leaves out what is not above 0').waitFor();
    t.equal(await events(), before, 'all durations are above 0');
    await grid.focus();
    await page.keyboard.press('ArrowLeft');
    for (let i = 0; i < 40; i++) await page.keyboard.press('Shift+ArrowUp');
    for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowLeft');
    const box = JSON.parse(ofUrl().get('box') ?? '{}');
    t.equal(box.column, 'duration_ms');
    t.ok(box.max / box.min > 20, `${box.min} – ${box.max}: in durations, not in their logarithms`);
    await page.getByRole('button', { name: 'Traces in it' }).click();
    await page.locator('.data-table a[href^="/trace/"]').first().waitFor();
    t.ok(ofUrl().has('log') && ofUrl().has('total'));
    t.same(await violations(), []);
  },
);

t.test('in the dark, at 400 pixels, clauses, samples and raw rows are legible and fit', async (t) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 400, height: 900 });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  await open(
    `${askFor({
      time_range: 3600,
      compare_time_offset_seconds: 1800,
      calculated_fields: [{ name: 'speed', expression: 'IF(GTE($duration_ms, 300), "slow", "fast")' }],
      breakdowns: ['speed'],
    })}&panel=rows&log`,
  );
  await edit();
  await page.getByText('of the newest 100 rows have a value').waitFor();
  await page.getByRole('region', { name: 'Rows that match the query, newest first' }).waitFor();
  t.same(await violations(), []);
  t.ok(await fits());
});

t.test('nothing of this left an error in the console', async (t) => {
  t.same(problems, []);
});
