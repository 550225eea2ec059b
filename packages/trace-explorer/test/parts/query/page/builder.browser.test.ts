import { readFileSync } from 'node:fs';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { holdRequests } from '../../../page/browser.ts';
import { choose } from '../../../page/choose.ts';
import { hasFocus } from '../../../page/focus.ts';
import { pageWidth } from '../../../page/looks.ts';
import { askFor, openQuery } from './open-query.ts';

const { asked, clause, context, edit, honeycomb, ofUrl, open, origin, page, problems, reset, violations } =
  await openQuery(t);
await context.grantPermissions(['clipboard-read', 'clipboard-write']);
const run = () => page.keyboard.press('Shift+Enter');

t.test('fields of other spans complete in WHERE and GROUP BY', async (t) => {
  await open(askFor({ time_range: 3600 }));
  await edit();
  await clause('WHERE').fill('roo');
  await page.getByRole('option', { name: 'root. … the root of the trace' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  t.equal(await clause('WHERE').inputValue(), 'root.');
  await page.keyboard.type('http.rou');
  await page.getByRole('option', { name: 'root.http.route' }).click();
  await page.keyboard.type('= ');
  await page.getByRole('option', { name: '/api/activities/home' }).click();
  await clause('WHERE').fill('any.db.system.name exists');
  await clause('GROUP BY').fill('parent.na');
  await page.getByRole('option', { name: 'parent.name' }).click();
  t.equal(await page.getByRole('option', { name: 'child.' }).count(), 0, 'of several spans none is a group');
  await clause('GROUP BY').focus();
  await run();
  await page.locator('.data-table').first().waitFor();
  t.match(asked(), {
    filters: [
      { column: 'root.http.route', op: '=', value: '/api/activities/home' },
      { column: 'any.db.system.name', op: 'exists' },
    ],
    breakdowns: ['parent.name'],
  });
  if (IS_NIGHT) t.same(await violations(), []);
});

t.test('parts of a query that Honeycomb’s links cannot hold are named, and the rest is a link', async (t) => {
  await open(
    askFor({
      time_range: 3600,
      filters: [
        { column: 'root.name', op: 'starts-with', value: 'GET' },
        { column: 'name', op: 'exists' },
      ],
      breakdowns: ['root.name', 'name'],
      orders: [{ column: 'root.name' }],
    }),
  );
  await honeycomb('Copy JSON');
  await page.getByText('Honeycomb has them in its own query builder only').waitFor();
  await honeycomb('Open in Honeycomb');
  await page.getByRole('textbox', { name: 'Team', exact: true }).fill('acme');
  await page.getByRole('textbox', { name: 'Environment' }).fill('prod');
  const dialog = page.getByRole('dialog', { name: 'Open in Honeycomb' });
  t.match(
    await dialog.locator('code').last().textContent(),
    /WHERE root\.name starts-with GET, GROUP BY root\.name/,
  );
  if (IS_NIGHT) t.same(await violations(), []);
  await context.route('https://ui.honeycomb.io/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>Honeycomb</title>' }),
  );
  const [popup] = await Promise.all([
    context.waitForEvent('page'),
    dialog.getByRole('button', { name: 'Open the rest' }).click(),
  ]);
  await popup.waitForURL(/acme/);
  const link = new URL(popup.url());
  await popup.close();
  t.equal(link.pathname, '/acme/environments/prod/datasets/__all__');
  t.same(JSON.parse(link.searchParams.get('query') ?? ''), {
    time_range: 3600,
    filters: [{ column: 'name', op: 'exists' }],
    breakdowns: ['name'],
    orders: [],
  });
  await dialog.waitFor({ state: 'detached' });
});

t.test('Enter and Tab take the only suggestion for a name; a value is kept as it is written', async (t) => {
  await open(askFor({ time_range: 3600 }));
  await edit();
  const onlyOption = async (name: string) => {
    await page.getByRole('option', { name }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 1);
  };
  await clause('GROUP BY').fill('http.rou');
  await onlyOption('http.route');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'http.route', exact: true }).waitFor();
  await clause('WHERE').fill('http.rou');
  await onlyOption('http.route');
  await page.keyboard.press('Tab');
  t.equal(await clause('WHERE').inputValue(), 'http.route ');
  await page.keyboard.type('= /api/activities/h');
  await onlyOption('/api/activities/home');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'http.route = /api/activities/h', exact: true }).waitFor();
  await clause('WHERE').fill('user.id = lond');
  await onlyOption('londo');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'user.id = londo', exact: true }).waitFor();
});

t.test('a calculated field completes, shows values as it is written, and groups', async (t) => {
  await open(askFor({ time_range: 3600, filters: [{ column: 'span.kind', op: '=', value: 'server' }] }));
  await edit();
  const calculate = clause('CALCULATE');
  await calculate.fill('speed = I');
  await page.getByRole('option', { name: 'IF(…)' }).click();
  await page.keyboard.type('G');
  await page.getByRole('option', { name: 'GTE(…)' }).click();
  await page.keyboard.type('$dura');
  await page.getByRole('option', { name: '$duration_ms' }).click();
  await page.keyboard.type(', 300), "slow", "fast');
  const samples = page.locator('.samples');
  // Each pause while it is typed is answered: the last answer is meant.
  await samples.getByText(/is not understood \(at character \d+\)/).waitFor();
  await page.keyboard.type('")');
  await samples.getByText('of the newest 100 rows have a value').waitFor();
  t.match(await samples.textContent(), /fast ×\d+[\s\S]*slow ×\d+/);
  if (IS_NIGHT) t.same(await violations(), []);
  await page.keyboard.press('Enter');
  await clause('GROUP BY').fill('spe');
  await page.getByRole('option', { name: 'speed' }).click();
  t.same(await violations(), []);
  await run();
  await page.getByRole('cell', { name: 'slow' }).waitFor();
  t.same(asked().calculated_fields, [
    { name: 'speed', expression: 'IF(GTE($duration_ms, 300), "slow", "fast")' },
  ]);
  await page.getByRole('tab', { name: 'Raw rows' }).click();
  await page.getByRole('columnheader', { name: 'speed' }).waitFor();
  await page.getByRole('cell', { name: 'fast', exact: true }).first().waitFor();
  const wrong = { name: 'speed', expression: 'IF(GTE($duration_ms, 300), "slow"' };
  await page.goto(origin + askFor({ time_range: 3600, calculated_fields: [wrong], breakdowns: ['speed'] }));
  t.match(await page.getByRole('alert').first().textContent(), /found the end \(at character 34\)/);
});

t.test('raw rows: the newest that match, with chosen columns, each leading to its span', async (t) => {
  await open(
    askFor({ time_range: 3600, filters: [{ column: 'name', op: '=', value: 'SELECT activities' }] }),
  );
  await page.getByRole('tab', { name: 'Raw rows' }).click();
  const table = page.getByRole('region', { name: 'Rows that match the query, newest first' });
  await table.waitFor();
  t.equal(ofUrl().get('panel'), 'rows');
  const heads = () => table.getByRole('columnheader').allInnerTexts();
  t.same(await heads(), ['Time', 'service.name', 'name', 'duration_ms']);
  await clause('COLUMNS').fill('root.http.r');
  await page.getByRole('option', { name: 'root.http.route' }).click();
  await table.getByRole('columnheader', { name: 'root.http.route' }).waitFor();
  t.equal(ofUrl().get('columns'), 'service.name,name,duration_ms,root.http.route', 'they are in the link');
  await page.getByRole('button', { name: 'Remove service.name' }).click();
  await page.waitForURL((url) => url.searchParams.get('columns') === 'name,duration_ms,root.http.route');
  await page.reload();
  await table.getByRole('columnheader', { name: 'root.http.route' }).waitFor();
  t.same(await heads(), ['Time', 'name', 'duration_ms', 'root.http.route']);
  if (IS_NIGHT) t.same(await violations(), []);
  await table.getByRole('link').first().click();
  await page.waitForURL('**/trace/**');
  const selected = page.locator('[role="row"][aria-selected="true"]');
  await selected.waitFor();
  t.match(await selected.textContent(), /SELECT activities/, 'the row’s own span is selected');
});

t.test('nothing of this left an error in the console', async (t) => {
  // The browser notes each refused expression.
  t.same(
    problems.filter((each) => !each.includes('400 (Bad Request)') && !each.includes('422 (Unprocessable')),
    [],
  );
});

t.test('Tab leads from a clause to the next control, also while its list is open', async (t) => {
  await open(askFor({ time_range: 3600 }));
  await edit();
  await clause('WHERE').focus();
  await page.locator('.suggestions [role=option]').nth(12).waitFor();
  await page.keyboard.press('Tab');
  t.ok(await hasFocus(clause('GROUP BY')));
});

t.test('what is typed stays in its field while an answer comes; Shift+Enter asks with it', async (t) => {
  await open(askFor({ time_range: 3600, breakdowns: ['name'] }));
  await edit();
  const limit = page.getByRole('spinbutton', { name: 'LIMIT' });
  const names = ['VISUALIZE', 'WHERE', 'GROUP BY', 'ORDER BY', 'HAVING', 'FORMULA', 'CALCULATE'];
  for (const [field, text] of [
    [limit, '7'] as const,
    ...names.map((name) => [clause(name), 'du'] as const),
  ]) {
    const release = await holdRequests(page, '**/1/**');
    await page.getByRole('button', { name: 'Run query' }).click();
    await field.focus();
    await page.keyboard.type(text);
    const answered = page.waitForResponse('**/1/query_results/**');
    release();
    await answered;
    await page.waitForTimeout(150);
    t.equal(await field.inputValue(), text);
    if (field !== limit) await field.fill('');
  }
  await limit.fill('3');
  await run();
  await page.getByRole('tab', { name: 'Results (3+)' }).waitFor();
  t.equal(asked().limit, 3);
});

for (const width of [1280, 400])
  t.test(`at ${width} pixels a clause that is written into stays within the window`, async (t) => {
    await open(askFor({ time_range: 3600, calculations: [{ op: 'P95', column: 'duration_ms' }] }));
    await page.setViewportSize({ width, height: 1000 });
    await edit();
    for (const name of ['VISUALIZE', 'WHERE', 'GROUP BY', 'ORDER BY', 'HAVING', 'FORMULA', 'CALCULATE']) {
      await clause(name).focus();
      await page.keyboard.type('dur');
      const box = await clause(name).boundingBox();
      t.ok(
        box !== null && box.x >= 0 && box.x + box.width <= width && box.width > 160,
        `${name}: ${JSON.stringify(box)}`,
      );
      t.ok((await pageWidth(page)) <= width, name);
      await clause(name).fill('');
    }
    await reset({ height: 1000 });
  });

t.test('what fits opens at the chip that is written, within the window', async (t) => {
  const calculations = ['P50', 'P95', 'P99'].map((op) => ({ op, column: 'duration_ms' }));
  await open(askFor({ time_range: 3600, calculations }));
  for (const width of [1280, 400]) {
    await page.setViewportSize({ width, height: 1000 });
    for (const name of ['VISUALIZE', 'WHERE', 'GROUP BY']) {
      await clause(name).focus();
      const list = page.getByRole('listbox', { name: `${name}: what fits` });
      await list.getByRole('option').nth(5).waitFor();
      const [chip, fits] = await Promise.all([clause(name).boundingBox(), list.boundingBox()]);
      if (chip === null || fits === null) return t.fail('they are in sight');
      const what = `${name}, ${width} pixels: ${JSON.stringify([chip, fits])}`;
      t.ok(fits.x >= 0 && fits.x + fits.width <= width, what);
      t.ok(fits.y >= chip.y + chip.height && fits.y < chip.y + chip.height + 16, what);
      t.ok(fits.x < chip.x + chip.width && fits.x + fits.width > chip.x + chip.width / 2, what);
    }
  }
  await reset({ height: 1000 });
});

t.test('clauses.browser', async (t) => {
  await reset({ height: 1000 });

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
      await choose(page.getByRole('combobox', { name: 'Compare to' }), '1800');
      await choose(page.getByRole('combobox', { name: 'Granularity' }), '60');
      await page.getByRole('combobox', { name: 'Granularity' }).focus();
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
      const total = page.locator('dl[aria-label="Total of all groups"]');
      await total.waitFor();
      const counts = await page.locator('.data-table tbody td:nth-child(2)').allInnerTexts();
      const sum = counts.reduce((all, each) => all + Number(each.replaceAll(',', '')), 0);
      t.equal(await total.textContent(), `COUNT of all groups${sum}`);

      const events = async () =>
        Number(/(\d+) events/.exec((await grid.getAttribute('aria-label')) ?? '')?.[1]);
      const grid = page.locator('.heatmap-grid');
      const logarithmic = page.getByLabel('Logarithmic value axis');
      t.ok(await logarithmic.isChecked(), 'nine tenths lie at the foot of a linear one');
      await logarithmic.uncheck();
      await page.getByText('without values of 0 or below').waitFor({ state: 'detached' });
      t.equal(ofUrl().get('log'), 'no');
      const before = await events();
      await logarithmic.check();
      await page.getByText('without values of 0 or below').waitFor();
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
      if (IS_NIGHT) t.same(await violations(), []);
    },
  );

  t.test('in the dark, at 400 pixels, clauses and raw rows are legible and fit', async (t) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 400, height: 900 });
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    await open(
      `${askFor({
        time_range: 3600,
        compare_time_offset_seconds: 3600,
        calculated_fields: [{ name: 'speed', expression: 'IF(GTE($duration_ms, 300), "slow", "fast")' }],
        breakdowns: ['speed'],
      })}&panel=rows&log`,
    );
    await edit();
    await page.getByRole('region', { name: 'Rows that match the query, newest first' }).waitFor();
    if (IS_NIGHT) t.same(await violations(), []);
    t.ok(await fits());
  });

  t.test('nothing of this left an error in the console', async (t) => {
    t.same(problems, []);
  });
});

t.test('export.browser', async (t) => {
  await reset({ height: 1000 });

  t.test('the traces of a query are saved by keyboard, one on a line', async (t) => {
    await open(askFor({ filters: [{ column: 'span.kind', op: '=', value: 'server' }], time_range: 3600 }));
    await page.getByRole('tab', { name: 'Raw rows' }).click();
    const link = page.getByRole('link', { name: 'Export traces' });
    await link.focus();
    if (IS_NIGHT) t.same(await violations(), []);
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n');
    t.ok(lines.length > 10, String(lines.length));
    const ids = lines.map((line) => {
      const { resourceSpans } = JSON.parse(line) as {
        resourceSpans: { scopeSpans: { spans: { traceId: string }[] }[] }[];
      };
      return new Set(
        resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans.map((each) => each.traceId)),
        ),
      );
    });
    t.ok(
      ids.every(({ size }) => size === 1),
      'a line is one trace',
    );
    t.equal(new Set(ids.flatMap((each) => [...each])).size, lines.length, 'and no trace is on two');
    t.same(problems, []);
  });
});
