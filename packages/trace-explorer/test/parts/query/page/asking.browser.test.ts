import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { defaultQuery } from '../../../../src/core/query/build/default-query.ts';
import { choose } from '../../../page/choose.ts';
import { hasFocus } from '../../../page/focus.ts';
import { storeSpans } from '../../../spans.ts';
import { askFor, openQuery } from './open-query.ts';

const {
  asked,
  clause,
  context,
  edit,
  honeycomb,
  firstCells,
  open,
  origin,
  page,
  problems,
  store,
  violations,
} = await openQuery(t);

t.test('clauses complete fields, operators and values, and Shift+Enter runs the query', async (t) => {
  await open('/');
  await page.keyboard.press('/');
  await hasFocus(clause('WHERE'));
  await page.getByRole('button', { name: 'Remove span.kind = server' }).click();
  await clause('WHERE').fill('user');
  await page.getByRole('option', { name: 'user.id' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  t.equal(await clause('WHERE').inputValue(), 'user.id ');
  await page.keyboard.type('= ');
  await page.getByRole('option', { name: 'bayko' }).waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  await page.keyboard.type('bay');
  await page.locator('[role=option]').nth(0).filter({ hasText: 'bayko' }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'user.id = bayko', exact: true }).waitFor();
  await clause('GROUP BY').fill('service.name');
  await page.keyboard.press('Shift+Enter');
  await page.waitForURL((url) => url.searchParams.get('query')?.includes('service.name') === true);
  t.same(asked().filters, [{ column: 'user.id', op: '=', value: 'bayko' }]);
  await page.getByRole('cell', { name: 'activities-api' }).waitFor();
  t.equal(await page.locator('[role=option]').count(), 0, 'no list stays open after a run');
  await edit();
  await clause('HAVING').fill('COUNT >');
  await page.keyboard.press('Enter');
  t.match(await page.locator('.clause-error').textContent(), 'Compare a calculation with a number');
});

t.test('a query goes out and comes in as JSON, and its mistakes are named', async (t) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  await open('/');
  await honeycomb('Copy JSON');
  await page.getByText('Copied').waitFor();
  t.same(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), defaultQuery);
  const paste = async (text: string) => {
    await page.getByRole('dialog').getByRole('textbox').fill(text);
    await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
  };
  await honeycomb('Paste JSON');
  t.same(await violations(), []);
  await paste('select 1');
  t.match(await page.getByRole('alert').textContent(), 'This is not JSON');
  await paste('{"calculations":[{"op":"MEDIAN","column":"x"}],"trace_joins":[1]}');
  t.match(await page.getByRole('alert').textContent(), /MEDIAN.*not supported/);
  t.match(await page.getByRole('alert').textContent(), /the explorer has no trace_joins/);
  await paste('{"calculations":[{"op":"COUNT"}],"breakdowns":["name"],"time_range":3600}');
  await page.getByRole('cell', { name: 'SELECT activities' }).waitFor();
  t.equal(asked().time_range, 3600);

  await honeycomb('Paste JSON');
  await paste('https://ui.honeycomb.io/team/result/abc');
  t.match(await page.getByRole('alert').textContent(), /This link holds no query/);
  const query = {
    granularity: 0,
    breakdowns: ['name'],
    trace_joins: [],
    usage_mode: false,
    time_range: 1800,
  };
  const link = 'https://ui.honeycomb.io/team/environments/test/datasets/user-lookup';
  await paste(`${link}?query=${encodeURIComponent(JSON.stringify(query))}`);
  await page.waitForURL((url) => url.searchParams.get('dataset') === 'user-lookup');
  t.equal(asked().time_range, 1800, 'a template link is taken whole, with its dataset');
  await page.getByRole('cell', { name: 'GET /api/users' }).waitFor();
});

t.test('the same query opens in Honeycomb, once the team is known', async (t) => {
  const visited: string[] = [];
  await context.route('https://ui.eu1.honeycomb.io/**', (route) => {
    visited.push(route.request().url());
    return route.fulfill({ contentType: 'text/html', body: '<title>Honeycomb</title>' });
  });
  await open('/');
  await honeycomb('Open in Honeycomb');
  await page.getByLabel('Team', { exact: true }).fill('my-team');
  await page.getByLabel(/^Environment/).fill('test');
  await page.getByRole('radio', { name: /^EU/ }).check();
  if (IS_NIGHT) t.same(await violations(), []);
  const [popup] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('button', { name: 'Open', exact: true }).click(),
  ]);
  await popup.waitForLoadState();
  const url = new URL(visited[0] ?? '');
  t.equal(url.pathname, '/my-team/environments/test/datasets/__all__');
  t.same(JSON.parse(url.searchParams.get('query') ?? ''), defaultQuery);
  await popup.close();
});

t.test('queries that were run are kept, the last one first', async (t) => {
  await open(askFor({ calculations: [{ op: 'COUNT' }], breakdowns: ['span.kind'], time_range: 600 }));
  await open(askFor({ calculations: [{ op: 'AVG', column: 'duration_ms' }], time_range: 600 }));
  await page.getByRole('button', { name: 'Saved', exact: true }).click();
  const past = page.getByRole('menuitem').filter({ hasText: /asked .* ago/ });
  const items = await past.allInnerTexts();
  t.match(items[0], /^AVG\(duration_ms\)/);
  t.match(items[1], /^COUNT by span\.kind/);
  await past.first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'client' }).waitFor();
  t.same(asked().breakdowns, ['span.kind']);
});

t.test(
  'where nothing matches, the condition that removed the most is named and can be removed',
  async (t) => {
    const filters = [
      { column: 'service.name', op: '=', value: 'activities-api' },
      { column: 'duration_ms', op: '>', value: 1e6 },
    ];
    await open(askFor({ filters, time_range: 600 }));
    const items = page.locator('.empty-state li');
    await items.first().waitFor();
    t.match(await items.nth(0).textContent(), /^duration_ms > 1000000 · Without it: 1,2\d\d events/);
    t.match(await items.nth(1).textContent(), /^service.name = activities-api · Without it: 0 events/);
    if (IS_NIGHT) t.same(await violations(), []);
    await items.nth(0).getByRole('button', { name: 'Remove' }).click();
    await page.locator('.data-table').waitFor();
    t.same(asked().filters, filters.slice(0, 1));
  },
);

t.test('a field that no span has had, and times without spans, are said to be just that', async (t) => {
  await open(askFor({ filters: [{ column: 'no.such', op: 'exists' }], time_range: 600 }));
  t.match(await page.locator('.empty-state li').first().textContent(), 'No span has had this field yet');
  await open(
    askFor({
      filters: [{ column: 'service.name', op: '=', value: 'user-lookup' }],
      breakdowns: ['no.such'],
      time_range: 600,
    }),
  );
  await page.getByText('Unknown column: no.such').waitFor();
  await page.getByText(/No span has had no\.such yet/).waitFor();
  t.equal(
    await page.locator('.empty-state').getByRole('button', { name: 'Remove service.name' }).count(),
    0,
    'no condition is to blame',
  );
  await open(askFor({ start_time: 1_700_000_000, end_time: 1_700_000_600 }));
  await page.getByText(/^No spans from 14 Nov 2023, .* – /).waitFor();
  await page.getByText('Look at other times:').waitFor();
  await page.getByRole('button', { name: 'Last hour' }).click();
  await page.locator('.data-table').waitFor();
  t.equal(asked().time_range, 3600);
});

t.test('a comparison shows the groups that only the earlier time has', async (t) => {
  const ago = (minutes: number) => BigInt(Date.now() - minutes * 60_000) * 1_000_000n;
  await storeSpans(store, [
    { name: 'stays', start: ago(1) },
    { name: 'gone', start: ago(35) },
  ]);
  const filters = [{ column: 'name', op: 'in', value: ['stays', 'gone'] }];
  const compared = { time_range: 600, compare_time_offset_seconds: 1800 };
  await open(askFor({ calculations: [{ op: 'COUNT' }], breakdowns: ['name'], filters, ...compared }));
  await page.getByRole('cell', { name: 'gone' }).waitFor();
  const rows = await page.locator('.data-table').first().locator('tbody tr').allInnerTexts();
  t.same(
    rows.map((row) => row.split(/\s+/u)),
    [
      ['stays', '1', '0'],
      ['gone', '–', '1'],
    ],
  );
});

t.test('parts of pasted JSON that have no clause are kept and shown', async (t) => {
  const query = {
    calculated_fields: [{ name: 'slow', expression: 'GT($duration_ms, 100)' }],
    calculations: [{ op: 'COUNT' }],
    breakdowns: ['slow'],
    granularity: 30,
    compare_time_offset_seconds: 1800,
    usage_mode: true,
    time_range: 600,
  };
  await open(askFor(query));
  await page.getByRole('columnheader', { name: '30 minutes earlier' }).waitFor();
  t.same(await firstCells(), ['false', 'true']);
  await page.getByText('(sample rates do not count)').waitFor();
  await edit();
  await page.getByText('slow = GT($duration_ms, 100)').waitFor();
  t.match(await page.getByRole('combobox', { name: 'Granularity' }).textContent(), '30 seconds');
  await choose(page.getByRole('combobox', { name: 'Compare to' }), 'nothing');
  await page.getByRole('button', { name: 'Run query' }).click();
  await page.getByRole('columnheader', { name: '30 minutes earlier' }).waitFor({ state: 'detached' });
  const { compare_time_offset_seconds: _, ...rest } = query;
  t.same(asked(), rest);
});

t.test('a query that takes long says that it runs, and can be cancelled', async (t) => {
  await open('/');
  const givenUp = page.waitForEvent('requestfailed');
  await page.route('**/1/query_results/**', () => {});
  const menu = page.getByRole('button', { name: 'Saved', exact: true });
  const place = await menu.boundingBox();
  await page.getByRole('button', { name: 'Run query' }).click();
  await page.getByRole('status').filter({ hasText: 'Running' }).waitFor();
  t.same(await menu.boundingBox(), place, 'a menu stays under the pointer while a query runs');
  if (IS_NIGHT) t.same(await violations(), []);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('status').filter({ hasText: 'Running' }).waitFor({ state: 'detached' });
  t.match((await givenUp).url(), '/1/query_results/', 'the request is given up');
  t.equal(await page.locator('.heatmap-grid').count(), 1, 'the last answer stays');
  await page.unroute('**/1/query_results/**');
  await page.getByRole('button', { name: 'Saved', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Errors by service' }).click();
  await page.getByRole('columnheader', { name: 'service.name' }).waitFor();
});

t.test('a refusal of the explorer is shown in its words', async (t) => {
  await open('/');
  await page.goto(origin + askFor({ calculations: [{ op: 'MEDIAN' }], limit: 50_000 }));
  const alert = page.getByRole('alert');
  await alert.waitFor();
  t.match(await alert.textContent(), /calculations\[0\]\.op/);
  t.match(await alert.textContent(), /limit/);
  await page.goto(`${origin}/query?query=%7Bbroken`);
  await page.getByText('The link’s query is not JSON').waitFor();
});

t.test('nothing of this left an error in the console', async (t) => {
  // The browser itself notes what was refused on purpose.
  const refused = /status of 422/;
  t.same(
    problems.filter((each) => !refused.test(each)),
    [],
  );
});
