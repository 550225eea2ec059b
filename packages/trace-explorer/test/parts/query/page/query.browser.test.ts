import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { defaultQuery } from '../../../../src/core/query/build/default-query.ts';
import { readyMadeQueries } from '../../../../src/core/query/build/ready-made.ts';
import { choose, shownTime } from '../../../page/choose.ts';
import { askFor, openQuery, tenMinutes } from './open-query.ts';

const { asked, drawBox, edit, firstCells, ofUrl, open, page, problems, store, violations } =
  await openQuery(t);

t.test('the page opens with the latency of the last hour, as the overview does', async (t) => {
  let runs = 0;
  const count = (request: { url(): string }) => {
    if (request.url().includes('/1/query_results/')) runs += 1;
  };
  page.on('request', count);
  await open('/');
  page.off('request', count);
  t.equal(runs, 1, 'the query runs once');
  t.match(
    await page.locator('.heatmap-grid').getAttribute('aria-label'),
    /Heatmap of duration_ms: (?:59\d|600) events/,
    'two server spans of each request',
  );
  t.match(await page.getByRole('combobox', { name: 'Rows to look at' }).textContent(), 'Requests');
  t.equal(await shownTime(page), 'Last hour');
  if (IS_NIGHT) t.same(await violations(), []);
  await edit();
  await page.getByRole('button', { name: 'HEATMAP(duration_ms)', exact: true }).waitFor();
  t.equal(await page.getByRole('button', { name: 'HEATMAP(duration_ms)', exact: true }).count(), 1);
  t.equal(await page.getByRole('button', { name: 'span.kind = server', exact: true }).count(), 1);
  t.same(await violations(), []);
  await choose(page.getByRole('combobox', { name: 'Rows to look at' }), 'rows');
  await page.waitForURL((url) => url.searchParams.get('query')?.includes('"filters":[]') === true);
});

t.test('each ready-made query answers, and is a link', async (t) => {
  await store.write(decodedLogs([{ service: 'activities-api', body: 'a line' }]));
  const expected: Record<string, { first: RegExp; columns: string[] }> = {
    'app-now': { first: /^[0-9a-f]{32}$/, columns: ['trace.trace_id', 'COUNT'] },
    latency: { first: /ms$/, columns: ['P90(duration_ms)'] },
    'slow-requests': {
      first: /^activities-api$/,
      columns: ['service.name', 'http.route', 'COUNT', 'P90(duration_ms)', 'MAX(duration_ms)'],
    },
    'latency-by-user': {
      first: /^worf$/,
      columns: ['user.id', 'P90(duration_ms)', 'MAX(duration_ms)', 'COUNT'],
    },
    'errors-by-service': {
      first: /^(activities-api|user-lookup)$/,
      columns: ['service.name', 'name', 'COUNT'],
    },
    'error-rate': {
      first: /^(activities-api|user-lookup)$/,
      columns: ['service.name', 'http.route', 'error_rate'],
    },
    'log-records': { first: /^activities-api$/, columns: ['service.name', 'severity', 'COUNT'] },
    'slowest-routes': {
      first: /^activities-api$/,
      columns: ['service.name', 'http.route', 'p95_or_slowest_ms', 'requests'],
    },
  };
  t.same(readyMadeQueries.map(({ key }) => key).sort(), Object.keys(expected).sort());
  const headers = async () => {
    const texts = await page.locator('.data-table').first().getByRole('columnheader').allInnerTexts();
    return texts.map((each) => each.replace(/ [↑↓]$/u, ''));
  };
  await open(askFor({ calculations: [{ op: 'MAX', column: 'duration_ms' }] }));
  const tried = readyMadeQueries.filter((_, at) => IS_NIGHT || at % 3 === 2);
  for (const { key, title, query } of tried) {
    await page.getByRole('button', { name: 'Saved', exact: true }).click();
    await page.getByRole('menuitem', { name: title }).click();
    await page.waitForURL((url) => url.searchParams.get('query') === JSON.stringify(query));
    const { first = /never/, columns = [] } = expected[key] ?? {};
    // The answer before stays until this one is there; no two have the same columns.
    await until(async () => (await headers()).join() === columns.join(), { what: title });
    t.match((await firstCells()).at(0)?.split('\n')[0]?.trim(), first, title);
    if (IS_NIGHT || key === 'slow-requests') t.same(await violations(), [], title);
  }
});

t.test('a result that LIMIT has cut says so, and how to see the rest', async (t) => {
  await open(askFor({ breakdowns: ['trace.trace_id'], filters: [{ column: 'span.kind', op: 'exists' }] }));
  await page.getByRole('tab', { name: 'Results (100+)' }).waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  await page.getByRole('button', { name: 'Show up to 1,000' }).click();
  await page.getByRole('tab', { name: 'Results (300)' }).waitFor();
  t.equal(await page.getByText('there may be more groups').count(), 0);
  t.equal(asked().limit, 1000);
  const limit = page.getByRole('spinbutton', { name: 'LIMIT' });
  await limit.fill('10000');
  await limit.blur();
  t.equal(await limit.inputValue(), '10000', 'as many groups as a query takes');
});

t.test('a box on the heatmap leads to BubbleUp, and a value of it into the query', async (t) => {
  await open(tenMinutes);
  await drawBox([0.2, 0.02], [0.8, 0.28]);
  await page.getByRole('button', { name: 'BubbleUp' }).click();
  await page.locator('.bubbleup-field').first().waitFor();
  t.equal(ofUrl().get('panel'), 'bubbleup', 'what is selected is in the link');
  const head = await page.locator('.bubbleup').boundingBox();
  t.ok((head?.y ?? Number.NaN) <= 500, 'the upper half of the window has the beginning of the result');
  t.match(
    await page.locator('.bubbleup h2').first().textContent(),
    /^tandem\.fault is database:delay=400 in [\d.]+ % of them/,
  );
  t.equal(
    await page.getByRole('button', { name: /^0 % difference/ }).count(),
    0,
    'what does not differ is folded',
  );
  t.equal(
    await page.locator('.bubbleup-field h3').first().textContent(),
    'tandem.fault',
    'the cause of the slow requests comes first, though it is on a database span',
  );
  t.same(
    await page.locator('.bubbleup-field h3').nth(1).textContent(),
    'user.id',
    'then what sets them apart otherwise',
  );
  const bars = await page.locator('.bubbleup-value').evaluateAll((rows) =>
    rows.map((row) => ({
      width: Number.parseFloat(row.querySelector<HTMLElement>('.selection')?.style.width ?? ''),
      share: Number.parseFloat(row.querySelector('.numeric')?.textContent ?? ''),
    })),
  );
  t.ok(
    bars.every(({ width, share }) => Math.abs(width - share) < 0.1),
    'one scale for the bars of all fields',
  );
  const [plot, box] = ['.heatmap-picture', '.heatmap-box'].map((name) => page.locator(name));
  await page.getByRole('button', { name: /^Show all/ }).scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  const [shownPlot, shownBox] = [await plot?.boundingBox(), await box?.boundingBox()];
  t.ok((shownBox?.y ?? -1) > 40 && (shownPlot?.y ?? 801) + (shownPlot?.height ?? 0) < 800, 'still in sight');
  const fields = await page.locator('.bubbleup').boundingBox();
  t.ok((fields?.x ?? 0) >= (shownPlot?.x ?? 999) + (shownPlot?.width ?? 0), 'and the fields stand beside it');
  await page.getByRole('button', { name: /difference in tandem.fault/ }).click();
  t.match(
    await page.getByRole('dialog', { name: 'The score of tandem.fault' }).textContent(),
    /^(?:100|9\d\.\d) % of the selection have database:delay=400, [\d.]+ % of the others: a difference of [\d.]+ %/,
  );
  await page.keyboard.press('Escape');
  t.equal(
    await page.locator('.bubbleup-field', { hasText: 'trace.trace_id' }).count(),
    0,
    'what tells rows apart is no field of the comparison',
  );
  // Elsewhere a link may lie half under the bar at the top.
  await page.evaluate(() => scrollTo(0, 0));
  if (IS_NIGHT) t.same(await violations(), []);
  await page.reload();
  await page.locator('.bubbleup-field').first().waitFor();
  await page.locator('.bubbleup-field').nth(1).locator('.bubbleup-value', { hasText: 'worf' }).click();
  await page.getByRole('button', { name: 'user.id = worf', exact: true }).waitFor();
  t.same(asked().filters.at(-1), { column: 'user.id', op: '=', value: 'worf' });
  await page.goBack();
  await page.getByRole('button', { name: 'group by http.route' }).click();
  await page.getByRole('cell', { name: '/api/activities/home' }).waitFor();
  t.same(asked().breakdowns, ['http.route']);
});

t.test('a box leads to the traces in it, and can be zoomed into', async (t) => {
  await open(tenMinutes);
  await drawBox([0, 0.02], [1, 0.28]);
  await page.getByRole('button', { name: 'Traces in it' }).click();
  const links = page.locator('.data-table a[href^="/trace/"]');
  await links.first().waitFor();
  t.ok((await links.count()) > 10);
  t.same(asked().breakdowns, ['trace.trace_id'], 'a query as any other');
  if (IS_NIGHT) t.same(await violations(), []);
  await page.goBack();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.waitForURL((url) => url.searchParams.get('query')?.includes('start_time') === true);
  const { filters, start_time, end_time } = asked();
  t.match(filters, [
    { column: 'span.kind', op: '=', value: 'server' },
    { column: 'duration_ms', op: '>=' },
    { column: 'duration_ms', op: '<' },
  ]);
  t.ok(end_time > start_time && end_time - start_time <= 620);
});

t.test(
  'a click on a point opens the trace of the slowest matching span at or below it, at this span',
  async (t) => {
    // Columns of a minute: each of the middle ones holds some thirty requests, fast ones among them.
    const granularity = 60;
    const query = {
      ...defaultQuery,
      time_range: 600,
      granularity,
      filters: [{ column: 'name', op: '=', value: 'SELECT activities' }],
    };
    await open(askFor(query));
    const slowest = await page.evaluate(async () => {
      const { traces } = await (await fetch('/api/traces?order=slowest&limit=1')).json();
      const trace = await (await fetch(`/api/traces/${traces[0].trace_id}/outline`)).json();
      const place = trace.name.findIndex((text: number) => trace.texts[text] === 'SELECT activities');
      const span = trace.span_ids.slice(16 * place, 16 * place + 16);
      const start = BigInt(trace.start_ns) + BigInt(trace.offset[place]);
      return { id: trace.trace_id, span, at: Number(start / 1_000_000n) };
    });
    const grid = page.locator('.heatmap-grid');
    const { x, y, width } = (await grid.boundingBox()) ?? { x: 0, y: 0, width: 0 };
    /** The middle of the column that holds the moment. */
    const place = async (milliseconds: number) => {
      const [start = 0, end = 1] = await grid.evaluate((element) =>
        [element.dataset.start, element.dataset.end].map(Number),
      );
      const column = Math.floor((milliseconds / 1000 - start) / granularity);
      return x + 60 + (((column + 0.5) * granularity) / (end - start)) * (width - 60 - 88 - 20);
    };
    await page.mouse.click(await place(slowest.at), y + 10);
    await page.waitForURL('**/trace/**');
    t.equal(new URL(page.url()).pathname, `/trace/${slowest.id}`);
    t.equal(ofUrl().get('span'), slowest.span);
    await page.goBack();
    await grid.waitFor();
    await page.mouse.click(await place(slowest.at), y + 100);
    await page.waitForFunction(() => location.pathname.startsWith('/trace/'));
    t.not(
      new URL(page.url()).pathname,
      `/trace/${slowest.id}`,
      'a point further down leaves out what is slower',
    );
  },
);

atNight(t).test('times: the last minutes, or from one moment to another, in local time', async (t) => {
  await open('/');
  await page.getByRole('button', { name: /^Time: / }).click();
  if (IS_NIGHT) t.same(await violations(), []);
  const before = await page.getByLabel('From, local time').inputValue();
  const now = await page.getByLabel('To, local time').inputValue();
  await page.getByLabel('To, local time').fill(before);
  await page.getByRole('button', { name: 'Show these times' }).click();
  t.match(await page.getByRole('alert').textContent(), 'The end must be after the start');
  await page.getByLabel('To, local time').fill(now);
  await page.getByRole('button', { name: 'Show these times' }).click();
  await page.waitForURL((url) => url.searchParams.get('query')?.includes('end_time') === true);
  const [start, end] = await page.evaluate(
    (texts) => texts.map((text) => Date.parse(text) / 1000),
    [before, now],
  );
  t.match(asked(), { start_time: start, end_time: end });
  t.ok(Math.abs((end ?? 0) - Date.now() / 1000) < 3600, 'the clock of the page');
});

t.test('a box may begin beside the plot, and one crosshair goes through all charts', async (t) => {
  await open('/');
  const bounds = await page.locator('.heatmap-grid').boundingBox();
  const { x = 0, y = 0, width = 0, height = 0 } = bounds ?? {};
  await page.mouse.move(x + 4, y + 2);
  await page.mouse.down();
  await page.mouse.move(x + width - 4, y + height / 3, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL((url) => url.searchParams.has('box'));
  await page.mouse.move(x + width / 2, y + height - 40);
  await page.waitForFunction(() => document.querySelectorAll('.crosshair').length === 2);
  const lefts = await page
    .locator('.crosshair')
    .evaluateAll((lines) => lines.map((line) => Math.round(line.getBoundingClientRect().left)));
  t.equal(lefts[0], lefts[1], 'at the same place in both');
  await page.locator('.legend', { hasText: 'P90(duration_ms)' }).getByRole('listitem').last().waitFor();
});

t.test('at 1280 × 800 the table is in sight, also with the charts', async (t) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await open('/');
  const cell = await page.locator('.data-table tbody td').first().boundingBox();
  t.ok((cell?.y ?? 9999) + (cell?.height ?? 0) < 800, `${cell?.y} is in the window`);
});

t.test('one measure by group has its chart above the table, several have the table first', async (t) => {
  const top = async (selector: string) => (await page.locator(selector).first().boundingBox())?.y ?? 0;
  const breakdowns = ['service.name'];
  for (const [calculations, isChartFirst] of [
    [[{ op: 'P90', column: 'duration_ms' }], true],
    [[{ op: 'P90', column: 'duration_ms' }, { op: 'COUNT' }], false],
  ] as const) {
    await open(askFor({ calculations, breakdowns, time_range: 600 }));
    await page.locator('.chart').first().waitFor();
    t.equal((await top('.chart')) < (await top('.data-table tbody')), isChartFirst);
  }
});

t.test('nothing of this left an error in the console', async (t) => {
  t.same(problems, []);
});
