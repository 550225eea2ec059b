import t from 'tap';
import { defaultQuery, readyMadeQueries } from '../../../../src/page/views/query/ready-made.ts';
import { openPage } from '../../browser.ts';
import { sendTraffic } from '../../traffic.ts';

const { page, context, origin, problems, violations } = await openPage(t, {
  height: 1000,
  fill: (store) => sendTraffic(store, { traces: 300 }),
});

const open = async (path: string) => {
  await page.goto(origin + path);
  await page.locator('.tab-list, .empty-state').first().waitFor();
};
const ofUrl = () => new URL(page.url()).searchParams;
const asked = () => JSON.parse(ofUrl().get('query') ?? 'null');
const rows = () => page.locator('.data-table').first().locator('tbody tr:not(.table-gap)');
const firstCells = async () => rows().locator('td:first-child').allInnerTexts();
const askFor = (query: unknown, dataset = '__all__') =>
  `/?${new URLSearchParams({ dataset, query: JSON.stringify(query) })}`;
const clause = (name: string) => page.getByRole('combobox', { name, exact: true });

/** Draws a box from one point of the heatmap's grid to another, each a share of its width and height from the top. */
const drawBox = async (from: readonly [number, number], to: readonly [number, number]) => {
  const bounds = await page.locator('.heatmap-grid').boundingBox();
  if (bounds === null) throw new Error('There is no heatmap.');
  const place = ([x, y]: readonly [number, number]) =>
    [bounds.x + 60 + x * (bounds.width - 170), bounds.y + 6 + y * (bounds.height - 30)] as const;
  await page.mouse.move(...place(from));
  await page.mouse.down();
  await page.mouse.move(...place(to), { steps: 4 });
  await page.mouse.up();
};

t.test('the page opens with the latency of the last ten minutes', async (t) => {
  await open('/');
  t.equal(await page.getByRole('button', { name: 'HEATMAP(duration_ms)', exact: true }).count(), 1);
  t.equal(await page.getByLabel(/^TIME/).inputValue(), '600');
  t.match(
    await page.locator('.heatmap-grid').getAttribute('aria-label'),
    /Heatmap of duration_ms: 1,\d{3} events/,
  );
  t.same(await violations(), []);
});

t.test('each ready-made query answers, and is a link', async (t) => {
  const expected: Record<string, { first: RegExp; columns: string[] }> = {
    'app-now': { first: /^[0-9a-f]{32}$/, columns: ['trace.trace_id', 'COUNT'] },
    latency: { first: /ms$/, columns: ['P90(duration_ms)'] },
    'latency-by-user': {
      first: /^worf$/,
      columns: ['user.id', 'P90(duration_ms)', 'MAX(duration_ms)', 'COUNT'],
    },
    'errors-by-service': {
      first: /^(activities-api|user-lookup)$/,
      columns: ['service.name', 'name', 'COUNT'],
    },
    'slowest-routes': {
      first: /^activities-api$/,
      columns: ['service.name', 'http.route', 'P90(duration_ms)', 'MAX(duration_ms)', 'COUNT'],
    },
  };
  t.same(readyMadeQueries.map(({ key }) => key).sort(), Object.keys(expected).sort());
  for (const { key, title, query } of readyMadeQueries) {
    await open(askFor({ calculations: [{ op: 'MAX', column: 'duration_ms' }] }));
    await page.getByRole('button', { name: 'Ready-made' }).click();
    await page.getByRole('menuitem', { name: title }).click();
    await page.waitForURL((url) => url.searchParams.get('query') === JSON.stringify(query));
    const { first = /never/, columns } = expected[key] ?? {};
    await page
      .locator('.data-table')
      .getByRole('columnheader', { name: columns?.at(-1) ?? '' })
      .waitFor();
    const headers = await page.locator('.data-table').first().getByRole('columnheader').allInnerTexts();
    t.same(
      headers.map((each) => each.replace(/ [↑↓]$/u, '')),
      columns,
      title,
    );
    t.match((await firstCells()).at(0)?.trim(), first, title);
    t.same(await violations(), [], title);
  }
});

t.test('a box on the heatmap leads to BubbleUp, and a value of it into the query', async (t) => {
  await open('/');
  await drawBox([0.2, 0.02], [0.8, 0.28]);
  await page.getByRole('button', { name: 'BubbleUp' }).click();
  await page.locator('.bubbleup-field').first().waitFor();
  t.equal(ofUrl().get('panel'), 'bubbleup', 'what is selected is in the link');
  t.equal(
    await page.locator('.bubbleup-field h3').first().textContent(),
    'user.id',
    'what sets the slow requests apart comes first',
  );
  t.equal(
    await page.locator('.bubbleup-field', { hasText: 'trace.trace_id' }).count(),
    1,
    'every field is there',
  );
  t.same(await violations(), []);
  await page.reload();
  await page.locator('.bubbleup-field').first().waitFor();
  await page.locator('.bubbleup-field').first().locator('.bubbleup-value', { hasText: 'worf' }).click();
  await page.getByRole('button', { name: 'user.id = worf', exact: true }).waitFor();
  t.same(asked().filters, [{ column: 'user.id', op: '=', value: 'worf' }]);
  await page.goBack();
  await page.getByRole('button', { name: 'group by http.route' }).click();
  await page.getByRole('cell', { name: '/api/activities/home' }).waitFor();
  t.same(asked().breakdowns, ['http.route']);
});

t.test('a box leads to the traces in it, and can be zoomed into', async (t) => {
  await open('/');
  await drawBox([0, 0.02], [1, 0.28]);
  await page.getByRole('button', { name: 'Traces in it' }).click();
  const links = page.locator('.data-table a[href^="/trace/"]');
  await links.first().waitFor();
  t.ok((await links.count()) > 10);
  t.same(await violations(), []);
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.waitForURL((url) => url.searchParams.get('query')?.includes('start_time') === true);
  const { filters, start_time, end_time } = asked();
  t.match(filters, [
    { column: 'duration_ms', op: '>=' },
    { column: 'duration_ms', op: '<' },
  ]);
  t.ok(end_time > start_time && end_time - start_time <= 620);
});

t.test(
  'a click on a point opens the slowest trace at or below it, at the first span that matches',
  async (t) => {
    const query = { ...defaultQuery, filters: [{ column: 'name', op: '=', value: 'SELECT activities' }] };
    await open(askFor(query));
    const slowest = await page.evaluate(async () => {
      const { traces } = await (await fetch('/api/traces?order=slowest&limit=1')).json();
      const trace = await (await fetch(`/api/traces/${traces[0].trace_id}`)).json();
      const found = trace.spans.find((each: { name: string }) => each.name === 'SELECT activities');
      return { id: trace.trace_id, span: found.span_id, at: Number(BigInt(found.start_ns) / 1_000_000n) };
    });
    const grid = page.locator('.heatmap-grid');
    const { x, y, width } = (await grid.boundingBox()) ?? { x: 0, y: 0, width: 0 };
    const place = async (milliseconds: number) => {
      const [start, end] = await grid.evaluate((element) =>
        [element.dataset.start, element.dataset.end].map(Number),
      );
      return (
        x + 60 + ((milliseconds / 1000 - (start ?? 0)) / ((end ?? 1) - (start ?? 0))) * (width - 60 - 88 - 20)
      );
    };
    await page.mouse.click(await place(slowest.at), y + 10);
    await page.waitForURL('**/trace/**');
    t.equal(new URL(page.url()).pathname, `/trace/${slowest.id}`);
    t.equal(ofUrl().get('span'), slowest.span);
    await page.goBack();
    await grid.waitFor();
    await page.mouse.click(await place(slowest.at), y + 195);
    await page.waitForFunction(() => location.pathname.startsWith('/trace/'));
    t.not(
      new URL(page.url()).pathname,
      `/trace/${slowest.id}`,
      'a point further down leaves out what is slower',
    );
  },
);

t.test('clauses complete fields, operators and values, and Shift+Enter runs the query', async (t) => {
  await open('/');
  await clause('WHERE').fill('user');
  await page.getByRole('option', { name: 'user.id' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  t.equal(await clause('WHERE').inputValue(), 'user.id ');
  await page.keyboard.type('= ');
  await page.getByRole('option', { name: 'bayko' }).waitFor();
  t.same(await violations(), []);
  await page.keyboard.type('bay');
  await page.getByRole('option').nth(0).filter({ hasText: 'bayko' }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'user.id = bayko', exact: true }).waitFor();
  await clause('GROUP BY').fill('service.name');
  await page.keyboard.press('Shift+Enter');
  await page.waitForURL((url) => url.searchParams.get('query')?.includes('service.name') === true);
  t.same(asked().filters, [{ column: 'user.id', op: '=', value: 'bayko' }]);
  await page.getByRole('cell', { name: 'activities-api' }).waitFor();
  await clause('HAVING').fill('COUNT >');
  await page.keyboard.press('Enter');
  t.match(await page.locator('.clause-error').textContent(), 'Compare a calculation with a number');
});

t.test('a query goes out and comes in as JSON, and what is wrong with it is named', async (t) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  await open('/');
  await page.getByRole('button', { name: 'Copy JSON' }).click();
  await page.getByText('Copied').waitFor();
  t.same(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), defaultQuery);
  const paste = async (text: string) => {
    await page.getByRole('dialog').getByRole('textbox').fill(text);
    await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
  };
  await page.getByRole('button', { name: 'Paste JSON' }).click();
  t.same(await violations(), []);
  await paste('select 1');
  t.match(await page.getByRole('alert').textContent(), 'This is not JSON');
  await paste('{"calculations":[{"op":"MEDIAN","column":"x"}],"formulas":[1]}');
  t.match(await page.getByRole('alert').textContent(), /MEDIAN.*not supported/);
  t.match(await page.getByRole('alert').textContent(), /formulas are not supported/);
  await paste('{"calculations":[{"op":"COUNT"}],"breakdowns":["name"],"time_range":3600}');
  await page.getByRole('cell', { name: 'SELECT activities' }).waitFor();
  t.equal(asked().time_range, 3600);
});

t.test('the same query opens in Honeycomb, once the team is known', async (t) => {
  const visited: string[] = [];
  await context.route('https://ui.eu1.honeycomb.io/**', (route) => {
    visited.push(route.request().url());
    return route.fulfill({ contentType: 'text/html', body: '<title>Honeycomb</title>' });
  });
  await open('/');
  await page.getByRole('button', { name: 'Open in Honeycomb' }).click();
  await page.getByLabel('Team', { exact: true }).fill('my-team');
  await page.getByLabel(/^Environment/).fill('test');
  await page.getByLabel('Region').selectOption('EU');
  t.same(await violations(), []);
  const [popup] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('button', { name: 'Save' }).click(),
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
  await page.getByRole('button', { name: 'History' }).click();
  const items = await page.getByRole('menuitem').allInnerTexts();
  t.match(items[0], /^AVG\(duration_ms\)/);
  t.match(items[1], /^COUNT by span\.kind/);
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
    const items = page.locator('.no-match-filters li');
    await items.first().waitFor();
    t.match(await items.nth(0).textContent(), /^duration_ms > 1000000 Without it: 1,2\d\d events/);
    t.match(await items.nth(1).textContent(), /^service.name = activities-api Without it: 0 events/);
    t.same(await violations(), []);
    await items.nth(0).getByRole('button', { name: 'Remove' }).click();
    await page.locator('.data-table').waitFor();
    t.same(asked().filters, filters.slice(0, 1));
  },
);

t.test('a field that no span has had, and times without spans, are said to be just that', async (t) => {
  await open(askFor({ filters: [{ column: 'no.such', op: 'exists' }], time_range: 600 }));
  t.match(await page.locator('.no-match-filters li').first().textContent(), 'No span has had this field yet');
  await open(askFor({ breakdowns: ['no.such'], time_range: 600 }));
  await page.getByText(/No span has had no\.such yet/).waitFor();
  await open(askFor({ start_time: 1_700_000_000, end_time: 1_700_000_600 }));
  await page.getByText(/^No spans in the/).waitFor();
  await page.getByRole('button', { name: 'Last 1 hour' }).click();
  await page.locator('.data-table').waitFor();
  t.equal(asked().time_range, 3600);
});

t.test('what the clauses cannot say is kept, shown, and can be taken out', async (t) => {
  const query = {
    calculated_fields: [{ name: 'slow', expression: 'GT($duration_ms, 100)' }],
    calculations: [{ op: 'COUNT' }],
    breakdowns: ['slow'],
    granularity: 30,
    compare_time_offset_seconds: 1800,
    time_range: 600,
  };
  await open(askFor(query));
  await page.getByRole('columnheader', { name: '30 minutes earlier' }).waitFor();
  t.same(await firstCells(), ['false', 'true']);
  await page.getByText('slow = GT($duration_ms, 100)').waitFor();
  await page.getByRole('button', { name: 'Remove compared with 30 minutes earlier' }).click();
  await page.getByRole('button', { name: 'Run query' }).click();
  await page.getByRole('columnheader', { name: '30 minutes earlier' }).waitFor({ state: 'detached' });
  const { compare_time_offset_seconds: _, ...rest } = query;
  t.same(asked(), rest);
});

t.test('a query that takes long says that it runs, and can be cancelled', async (t) => {
  await open('/');
  let gone = false;
  page.once('requestfailed', () => {
    gone = true;
  });
  await page.route('**/1/query_results/**', () => {});
  await page.getByRole('button', { name: 'Run query' }).click();
  await page.getByRole('status').filter({ hasText: 'Running' }).waitFor();
  t.same(await violations(), []);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('status').filter({ hasText: 'Running' }).waitFor({ state: 'detached' });
  t.ok(gone, 'the request is given up');
  t.equal(await page.locator('.heatmap-grid').count(), 1, 'the last answer stays');
  await page.unroute('**/1/query_results/**');
  await page.getByRole('button', { name: 'Ready-made' }).click();
  await page.getByRole('menuitem', { name: 'Errors by service' }).click();
  await page.getByRole('columnheader', { name: 'service.name' }).waitFor();
});

t.test('what the explorer refuses is shown in its words', async (t) => {
  await open('/');
  await page.goto(origin + askFor({ calculations: [{ op: 'MEDIAN' }], limit: 5000 }));
  const alert = page.getByRole('alert');
  await alert.waitFor();
  t.match(await alert.textContent(), /calculations\[0\]\.op/);
  t.match(await alert.textContent(), /limit/);
  await page.goto(`${origin}/?query=%7Bbroken`);
  await page.getByText('The link’s query is not JSON').waitFor();
});

t.test('nothing of this left an error in the console', async (t) => {
  const refused = /status of 422/;
  t.same(
    problems.filter((each) => !refused.test(each)),
    [],
  );
});
