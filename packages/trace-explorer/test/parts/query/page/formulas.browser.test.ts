import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { askFor, openQuery } from './open-query.ts';

const { asked, clause, context, edit, honeycomb, open, page, problems, reset, violations } =
  await openQuery(t);
await context.grantPermissions(['clipboard-read', 'clipboard-write']);

t.test('a formula is added by keyboard, drawn, listed, copied, pasted and opened in Honeycomb', async (t) => {
  await open(askFor({ time_range: 3600, calculations: [{ op: 'COUNT' }], breakdowns: ['service.name'] }));
  await edit();
  await clause('VISUALIZE').fill('COUNT as slow where duration_ms > 100');
  await page.keyboard.press('Enter');
  await clause('FORMULA').focus();
  await page.keyboard.type('share = $sl');
  await page.getByRole('option', { name: '$slow COUNT' }).waitFor();
  // The list for the first `$` has it too.
  await page.getByRole('option', { name: '$A COUNT' }).waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  t.equal(await clause('FORMULA').inputValue(), 'share = $slow');
  await page.keyboard.type(' / $A');
  await page.keyboard.press('Shift+Enter');
  await page.getByRole('region', { name: 'share' }).waitFor();
  const spec = {
    time_range: 3600,
    calculations: [
      { op: 'COUNT', name: 'A' },
      { op: 'COUNT', name: 'slow', filters: [{ column: 'duration_ms', op: '>', value: 100 }] },
    ],
    breakdowns: ['service.name'],
    formulas: [{ name: 'share', expression: '$slow / $A' }],
  };
  t.same(asked(), spec);
  const table = page.locator('.data-table').first();
  t.same(await table.locator('thead th').allInnerTexts(), ['service.name', 'share']);
  t.equal(await table.locator('thead th').nth(1).getAttribute('aria-sort'), 'descending');
  for (const text of await table.locator('tbody td:nth-child(2)').allInnerTexts())
    t.match(text, /^0(\.\d+)?$/);
  await honeycomb('Copy JSON');
  t.same(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), spec);
  await honeycomb('Open in Honeycomb');
  await page.getByRole('textbox', { name: 'Team', exact: true }).fill('acme');
  await page.evaluate(() => {
    window.open = (url) => {
      document.body.dataset.opened = String(url);
      return null;
    };
  });
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  const opened = await page.evaluate(() => document.body.dataset.opened);
  t.same(JSON.parse(new URL(String(opened)).searchParams.get('query') ?? ''), spec);
  await open('/');
  await honeycomb('Paste JSON');
  await page.getByRole('textbox').first().fill(JSON.stringify(spec));
  await page.getByRole('button', { name: 'Run', exact: true }).last().click();
  await page.getByRole('region', { name: 'share' }).waitFor();
  t.same(asked(), spec);
  await page.getByRole('columnheader', { name: 'share' }).getByRole('button').click();
  await page.waitForURL(/ascending/);
  t.same(asked().orders, [{ column: 'share', order: 'ascending' }]);
  t.same(problems, []);
});

for (const colorScheme of IS_NIGHT ? (['light', 'dark'] as const) : (['dark'] as const))
  t.test(`400 px, ${colorScheme}: the clause of formulas fits, with enough contrast`, async (t) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 400, height: 800 });
    await open(
      askFor({
        time_range: 3600,
        calculations: [{ op: 'COUNT', name: 'A' }],
        formulas: [{ name: 'a formula with a rather long name', expression: '$A * 100 / COALESCE($A, 1)' }],
      }),
    );
    await edit();
    await clause('FORMULA').waitFor();
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400);
    t.same(await violations(), []);
    if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/formula-${colorScheme}.png` });
    await reset();
  });
