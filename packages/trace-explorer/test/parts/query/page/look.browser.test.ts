import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { openPage } from '../../../page/browser.ts';
import { storeSpans } from '../../../spans.ts';
import { askFor, openQuery, tenMinutes } from './open-query.ts';

const { drawBox, open, origin, page, problems, reset, violations, visit } = await openQuery(t);

t.test('in the dark, in a window of 400 pixels, everything is legible and nothing sticks out', async (t) => {
  await reset({ colorScheme: 'dark', width: 400 });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  for (const path of ['/query', '/map']) {
    await page.goto(origin + path);
    await page.locator('.data-table, .map-node').first().waitFor();
    t.ok(await fits(), `${path} is no wider than the window`);
    t.same(await violations(), [], path);
  }
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Pipeline …' }).click();
  await page.getByText('The store:').waitFor();
  t.same(await violations(), []);
  t.ok(await fits());
  t.same(problems, []);
});

atNight(t).test('with BubbleUp open the document scrolls, and the bar at the top stays', async (t) => {
  await reset({ height: 1000 });
  await open(tenMinutes);
  await drawBox([0.2, 0.02], [0.8, 0.28]);
  await page.getByRole('button', { name: 'BubbleUp' }).click();
  await page.locator('.bubbleup-field').first().waitFor();
  await page.setViewportSize({ width: 1280, height: 760 });
  t.ok(await page.evaluate(() => document.documentElement.scrollHeight > 760), 'more than the window shows');
  for (const top of [0, 1e6]) {
    await page.evaluate((to) => scrollTo({ top: to }), top);
    t.equal((await page.getByRole('banner').boundingBox())?.y, 0);
  }
});

atNight(t).test('BubbleUp of an empty box below several charts says so in sight', async (t) => {
  await reset({ height: 760 });
  const calculations = [
    { op: 'HEATMAP', column: 'duration_ms' },
    { op: 'COUNT' },
    { op: 'P95', column: 'duration_ms' },
  ];
  const query = encodeURIComponent(JSON.stringify({ calculations, time_range: 7200 }));
  await page.goto(`${origin}/query?query=${query}`);
  await drawBox([0.2, 0.35], [0.8, 0.5]);
  await page.getByRole('button', { name: 'BubbleUp' }).click();
  const said = page.getByRole('heading', { name: 'The box is empty' });
  await said.waitFor();
  t.ok(await said.evaluate((element) => element.getBoundingClientRect().bottom < innerHeight - 32));
});

t.test('a deploy is a line in each chart; that of the first leads to before and after', async (t) => {
  const request = (version: string, secondsAgo: number) => ({
    service: 'shop',
    name: 'GET /cart',
    kind: 2,
    start: BigInt(Date.now() - secondsAgo * 1000) * 1_000_000n,
    durationMs: 5,
    resource: { 'service.version': version },
  });
  const query = {
    calculations: [{ op: 'COUNT' }, { op: 'HEATMAP', column: 'duration_ms' }],
    time_range: 7200,
  };
  const { page, problems } = await openPage(t, {
    path: askFor(query),
    fill: (store) => storeSpans(store, [request('1.9', 4000), request('1.9', 3800), request('1.10', 3600)]),
  });
  const marks = page.locator('.chart .deploy');
  await marks.nth(1).waitFor();
  t.equal(await marks.count(), 2);
  const [links, line] = [page.getByRole('link', { name: /^shop 1\.10 since/ }), page.locator('.series-plot')];
  const [mark, plot] = await Promise.all([links.boundingBox(), line.boundingBox()]);
  const share = ((mark?.x ?? 0) - (plot?.x ?? 0) - 72) / ((plot?.width ?? 0) - 180);
  t.ok(share > 0.4 && share < 0.6, `one of two hours ago, at ${share}`);
  await links.click();
  await page.getByRole('cell', { name: '1.9', exact: true }).waitFor();
  await page.getByRole('cell', { name: '1.10', exact: true }).waitFor();
  t.match(page.url(), /service\.version/);
  t.same(problems, []);
});

t.test('without a span the page says how to send one', async (t) => {
  const { page, problems, violations } = await openPage(t);
  await page.getByRole('heading', { name: 'No spans yet' }).waitFor();
  // As the API's own description has it.
  await page.getByText(/^curl http:\/\/127\.0\.0\.1:\d+\/api\/activities\/home$/).waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  t.same(problems, []);
});

t.test('keyboard alone: from the clauses to the heatmap, a box, BubbleUp and a filter', async (t) => {
  await visit('/query');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  const tabTo = async (what: RegExp) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab');
      const [label, text] = [
        await focused(),
        await page.evaluate(() => document.activeElement?.textContent ?? ''),
      ];
      if (what.test(label) || what.test(text)) return true;
    }
    return false;
  };
  await page.locator('.heatmap-grid').waitFor();
  t.ok(await tabTo(/^Heatmap of duration_ms/), 'Tab leads to the heatmap');
  const outline = await page.evaluate(
    () => getComputedStyle(document.activeElement ?? document.body).outlineStyle,
  );
  t.equal(outline, 'solid', 'what has the focus shows it');
  await page.keyboard.press('ArrowUp');
  for (let i = 0; i < 60; i++) await page.keyboard.press('Shift+ArrowLeft');
  t.ok(await tabTo(/^BubbleUp$/), 'Tab leads from the box to what can be done with it');
  await page.keyboard.press('Enter');
  await page.locator('.bubbleup-field').first().waitFor();
  t.ok(await tabTo(/^where .* is /), 'and on to the values of the fields');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('query')?.includes('filters') === true);
  t.same(problems, []);
});

t.test('a value of BubbleUp that is cut says so, with a line break in it, too', async (t) => {
  const { page, origin, problems } = await openPage(t, {
    path: false,
    fill: (store) =>
      storeSpans(
        store,
        Array.from({ length: 20 }, (_, i) => ({
          name: 'GET /',
          durationMs: 5 + i,
          start: BigInt(Date.now() - 5000) * 1_000_000n,
          attributes: {
            'db.query.text': `select *\nfrom a_table_with_a_long_name\nwhere ${i < 8 ? 'handle' : 'reply_to'} = ?\nlimit 10`,
            'app.note': `one line\nand another ${i < 8 ? 'with much' : 'with little'} in it`,
          },
        })),
      ),
  });
  const query = { calculations: [{ op: 'HEATMAP', column: 'duration_ms' }] };
  const box = { column: 'duration_ms', start: 0, end: 9_000_000_000, min: 0, max: 12 };
  const selected = { query: JSON.stringify(query), box: JSON.stringify(box), panel: 'bubbleup' };
  await page.goto(`${origin}/query?${new URLSearchParams(selected)}`);
  await page.locator('.bubbleup-field').first().waitFor();
  const silent = await page.locator('.bubbleup-value .cut > [aria-hidden]').evaluateAll((all) =>
    // The browser keeps a letter before the ellipsis.
    all
      .filter((each) => each.scrollWidth > each.clientWidth && each.clientWidth < 18)
      .map((each) => each.parentElement?.title),
  );
  t.same(silent, []);
  t.same(problems, []);
});

t.test('keys and values that look like code are text wherever they are shown', async (t) => {
  const script = '<img src=x onerror="document.title=\'owned\'">';
  const keys = [`</script><script>document.title='owned'</script>`, '__proto__', script];
  const { page, origin, problems, violations } = await openPage(t, {
    path: false,
    fill: (store) =>
      storeSpans(
        store,
        Array.from({ length: 20 }, (_, i) => ({
          name: script,
          service: script,
          durationMs: 5 + i,
          start: BigInt(Date.now() - 5000) * 1_000_000n,
          attributes: Object.fromEntries(keys.map((key) => [key, i % 2 === 0 ? script : `{{${key}}}`])),
        })),
      ),
  });
  const query = {
    calculations: [{ op: 'HEATMAP', column: 'duration_ms' }, { op: 'COUNT' }],
    breakdowns: ['name', ...keys],
  };
  await page.goto(`${origin}/query?${new URLSearchParams({ query: JSON.stringify(query) })}`);
  await page.locator('.data-table').first().waitFor();
  t.match(await page.locator('.data-table').first().textContent(), script);
  if (IS_NIGHT) t.same(await violations(), []);
  const box = { column: 'duration_ms', start: 0, end: 9_000_000_000, min: 0, max: 15 };
  const selected = new URLSearchParams({
    query: JSON.stringify(query),
    box: JSON.stringify(box),
    panel: 'bubbleup',
  });
  await page.goto(`${origin}/query?${selected}`);
  await page.locator('.bubbleup-field').first().waitFor();
  await page.getByRole('button', { name: /^Show all/ }).click();
  t.match(await page.locator('.bubbleup-fields').textContent(), script);
  await page.goto(`${origin}/map`);
  await page.locator('.map-node').first().waitFor();
  t.match(await page.locator('.map-node').textContent(), '<img src=x');
  t.not(await page.title(), 'owned');
  t.equal(await page.locator('img').count(), 0);
  t.same(problems, []);
});
