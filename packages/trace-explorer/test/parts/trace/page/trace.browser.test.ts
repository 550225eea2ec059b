import type { Request } from 'playwright-core';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { holdRequests, openPage } from '../../../page/browser.ts';
import { choose } from '../../../page/choose.ts';
import { hasFocus } from '../../../page/focus.ts';
import { shownText, storeHomeTrace } from '../../../page/trace-fixtures.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeLogs, storeSpans } from '../../../spans.ts';
import { chooseDrawn, openTrace, showTrace } from './open-trace.ts';

// One page for all tests whose trace may have others beside it.
const open = await openPage(t, { path: false });
const { page, context, store, origin, problems, violations, visit } = open;

/** Names of the rows in sight, from top to bottom. */
async function names(): Promise<string[]> {
  const rows = await page.locator('.span-row').evaluateAll((all) =>
    all.map((row) => ({
      index: Number(row.getAttribute('aria-rowindex')),
      name: row.querySelector('.span-title')?.textContent ?? '',
    })),
  );
  return rows.sort((a, b) => a.index - b.index).map(({ name }) => name);
}

const selectedName = () => shownText(page.locator('.span-row[aria-selected=true] .span-title'));

const all = [
  'GET /api/activities/home',
  'GET /api/activities/home',
  'home-activities-data',
  'SELECT activities',
  'GET /api/users',
  'GET /api/users',
  'SELECT users',
  'home-result-activities',
];

t.test('a waterfall: every span in its place, boxes that fold, a level for all', async (t) => {
  await showTrace(open);
  t.same(await names(), all);
  t.match(await shownText(page.locator('.trace-header')), /46\.0 ms\s+8 spans/);
  const row = page.locator('.span-row', { hasText: 'home-activities-data' });
  t.equal(await row.getAttribute('aria-level'), '3');
  t.equal(await shownText(row.locator('.fold')), '3');
  await row.locator('.fold').click();
  t.same(await names(), all.slice(0, 3));
  t.equal(await shownText(row.locator('.fold')), '+5');
  t.equal(await row.getAttribute('aria-expanded'), 'false');
  await page.reload();
  await row.waitFor();
  t.same(await names(), all.slice(0, 3), 'what is folded is in the URL');
  await row.locator('.fold').click();
  await chooseDrawn(open, 'Levels', '2');
  t.same(await names(), all.slice(0, 2));
  t.same(problems, []);
});

t.test('what folds an open row is shown while it is asked for; in a narrow window a chevron', async (t) => {
  const { traceId } = await showTrace(open);
  const row = page.locator('.span-row', { hasText: 'home-activities-data' });
  const opacity = () => row.locator('.folds').evaluate((each) => getComputedStyle(each).opacity);
  t.equal(await opacity(), '0');
  await row.hover();
  t.equal(await opacity(), '1');
  await page.mouse.move(0, 0);
  await page.getByRole('treegrid').focus();
  for (let press = 0; press < 2; press++) await page.keyboard.press('ArrowDown');
  await row.and(page.locator('[aria-selected=true]')).waitFor();
  t.equal(await opacity(), '1', 'also for the keys');
  await visit(`/trace/${traceId}`, { width: 400 });
  await row.waitFor();
  t.equal(await opacity(), '1');
  t.notOk(await row.locator('.fold-count').isVisible(), 'a chevron, and no number');
  await row.locator('.fold').click();
  t.same(await names(), all.slice(0, 3));
  t.same(problems, []);
});

t.test('fields that repeat the head are last and closed, and the filter finds them', async (t) => {
  const { ids, goto } = await showTrace(open);
  await goto(`?span=${ids.home}`);
  const fields = page.locator('.field-line');
  await fields.filter({ hasText: 'http.route' }).waitFor();
  const repeated = fields.filter({ has: page.locator('dt[title^="meta.signal_type"]') });
  t.equal(await repeated.count(), 0);
  await page.getByRole('button', { name: /^Said above \d/ }).click();
  await repeated.waitFor();
  await page.getByRole('button', { name: /^Said above \d/ }).click();
  await page.getByLabel('Filter fields').fill('signal_type');
  await repeated.waitFor();
  t.equal(await fields.count(), 1);
  t.same(problems, []);
});

t.test('a span that is selected is read by one request', async (t) => {
  const { traceId, ids, goto } = await showTrace(open);
  await page.locator('.field-line').first().waitFor();
  const reads: string[] = [];
  const listen = (request: Request) => {
    const { pathname } = new URL(request.url());
    if (pathname.includes('/spans/')) reads.push(pathname);
  };
  page.on('request', listen);
  const path = (span: string | undefined) => `/api/traces/${traceId}/spans/${span}`;
  const [row, field] = [
    page.locator('.span-row', { hasText: 'home-activities-data' }),
    page.locator('.field-line', { hasText: 'app.now' }),
  ];
  await goto('');
  // The root is selected by itself, and read as soon as the code of the panel is there.
  await page.locator('.field-line').first().waitFor();
  t.same(reads.splice(0), [path(ids.web)]);
  await row.click();
  await field.waitFor();
  t.same(reads.splice(0), [path(ids.data)]);
  const release = await holdRequests(page, /\/later-/);
  await goto('');
  await row.click();
  const time = page.locator('.waterfall-ticks');
  const before = await time.boundingBox();
  release();
  await field.waitFor();
  t.same(await time.boundingBox(), before, 'nothing moves when the code of the panel comes');
  t.same(reads, [path(ids.data)], 'chosen before the code of the panel is there');
  page.off('request', listen);
});

t.test('the fastest and the slowest of a few are said to be just that', async (t) => {
  const { page, store, goto } = await openTrace(t, { query: '?span=none' });
  const header = page.locator('.trace-header');
  const slow = await storeHomeTrace(store, { slower: 2 });
  await goto('');
  await header.getByText('the fastest of 2').waitFor();
  t.equal(await header.getByText(/slower than/).count(), 0);
  await page.locator('.span-row').nth(1).click();
  await page.locator('aside').getByRole('button', { name: 'the fastest of 2' }).click();
  await page.getByText(/^Beside 1 other span .* it is the fastest of 2\.$/).waitFor();
  await page.goto(new URL(`/trace/${slow.traceId}`, page.url()).href);
  await header.getByText('the slowest of 2').waitFor();
});

t.test('the fields of a span stay where they are when its rank comes', async (t) => {
  const { page, store, goto } = await openTrace(t, { query: '?span=none' });
  const filter = page.getByRole('searchbox', { name: 'Filter fields' });
  const card = page.locator('aside .boxed');
  await goto('?span=none');
  await page.locator('.span-row').nth(1).click();
  await filter.waitFor();
  await card.waitFor({ state: 'detached' });
  for (const isAlone of [true, false]) {
    const release = await holdRequests(page, '**/1/query_results/**');
    if (!isAlone) await goto('');
    await page
      .locator('.span-row')
      .nth(isAlone ? 2 : 1)
      .click();
    await filter.waitFor();
    const before = await filter.boundingBox();
    const answered = page.waitForResponse('**/1/query_results/**');
    release();
    await (isAlone ? answered : page.locator('aside').getByText('the fastest of 2').waitFor());
    await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => done(true))));
    t.same(await filter.boundingBox(), before, isAlone ? 'the only one of its name' : 'beside others');
    t.equal(await card.count(), isAlone ? 0 : 1);
    await page.unrouteAll();
    await storeHomeTrace(store, { slower: 2 });
  }
});

t.test('the fields of a compared span are shown once it is known which ones differ', async (t) => {
  const { traceId } = await showTrace(open);
  const { traceId: other } = await storeHomeTrace(store);
  const release = await holdRequests(page, `**/api/traces/${other}/spans/**`);
  await page.goto(`${origin}/trace/${traceId}?compare=${other}`);
  await page.locator('.span-row').nth(1).click();
  await page.locator('aside .busy').waitFor();
  const lines = page.locator('.field-line');
  t.equal(await lines.count(), 0);
  release();
  await lines.first().waitFor();
  t.same(problems, []);
});

t.test('a trace of sampled spans says that it stands for several, as in the list', async (t) => {
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId, name: 'GET /cart', attributes: { SampleRate: 10 } }]);
  await showTrace(open);
  t.notMatch(await shownText(page.locator('.trace-facts')), '×');
  await page.goto(`${origin}/trace/${traceId}`);
  await page.locator('.trace-name', { hasText: 'GET /cart' }).waitFor();
  t.match(await shownText(page.locator('.trace-facts')), /1 span\s+×10/u);
});

t.test('the type of a field appears with the pointer, or with the focus', async (t) => {
  await showTrace(open);
  const line = page.locator('.field-line').first();
  const type = line.locator('.field-type');
  await line.waitFor();
  await page.mouse.move(0, 0);
  t.equal(await type.isVisible(), false);
  await line.hover();
  t.equal(await type.isVisible(), true);
  await page.mouse.move(0, 0);
  await line.getByRole('button').first().focus();
  t.equal(await type.isVisible(), true);
  t.same(problems, []);
});

t.test('a trace says each cause of its errors once, by mouse and by keyboard', async (t) => {
  const traceId = randomId(16);
  const root = {
    traceId,
    spanId: randomId(8),
    name: 'GET /feed',
    service: 'feed',
    kind: 2,
    status: 2 as const,
  };
  const failed = (name: string, message: string) => {
    const attributes = { 'exception.type': 'Error', 'exception.message': message };
    return { ...root, spanId: randomId(8), parentSpanId: root.spanId, name, attributes };
  };
  await storeSpans(store, [
    { ...root, durationMs: 50 },
    ...Array.from({ length: 12 }, (_, n) => failed('charge', `no card ${4000 + n}`)),
    failed('mail', 'no address'),
  ]);
  await visit(`/trace/${traceId}`);
  const lines = page.locator('.findings li');
  await lines.first().waitFor();
  const said = await lines.allInnerTexts();
  t.match(said[0], /charge of feed fails: Error: no card/);
  t.equal(said.filter((text) => text.includes('no card')).length, 1, 'of twelve equal errors one line');
  t.equal(said.filter((text) => text.includes('no address')).length, 1);
  await lines.filter({ hasText: 'no address' }).getByRole('button').focus();
  await page.keyboard.press('Enter');
  t.match(await shownText(page.locator('.span-panel h2')), 'mail');
  if (IS_NIGHT) t.same(await violations(), []);
  t.same(problems, []);
});

t.test('a long sentence of a finding breaks into lines, and ends with its line of code', async (t) => {
  const words =
    'the price of the basket could not be worked out because the table of taxes has no row for it';
  const attributes = {
    'exception.type': 'TypeError',
    'exception.message': `${words}, nor for the country of the address that is sent with the order`,
    'exception.stacktrace': 'TypeError: none\n    at lookupTax (/srv/shop/pricing/taxes/lookup-tax.js:31:9)',
  };
  const traceId = randomId(16);
  const root = { traceId, spanId: randomId(8), name: 'GET /basket', service: 'shop', durationMs: 50 };
  const failed = { ...root, spanId: randomId(8), parentSpanId: root.spanId, name: 'work out', durationMs: 9 };
  await storeSpans(store, [
    { ...root, kind: 2, status: 2 },
    { ...failed, status: 2, attributes },
  ]);
  await visit(`/trace/${traceId}`);
  const said = page.locator('.finding-said').first();
  await said.waitFor();
  for (const width of [1440, 1280, 800, 400]) {
    await page.setViewportSize({ width, height: 800 });
    t.match(await shownText(said), /the price of the basket.*lookup-tax\.js:31/su);
    const { right, isCut } = await said.evaluate((each) => {
      const within = each.closest('li')?.getBoundingClientRect();
      const { right, bottom } = each.getBoundingClientRect();
      return { right, isCut: each.scrollWidth > each.clientWidth || bottom > (within?.bottom ?? 0) };
    });
    t.notOk(isCut, `${width} pixels`);
    t.ok(right <= width);
  }
  t.same(problems, []);
});

t.test('errors are marked, counted, found with e; their exception has its stack', async (t) => {
  await showTrace(open, { trace: { failing: true } });
  t.match(await shownText(page.locator('.trace-header')), '2 with an error');
  t.equal(await page.locator('.span-row .error-mark').count(), 2);
  await page.keyboard.press('e');
  t.match(await shownText(page.locator('.span-row[aria-selected=true]')), 'user-lookup', 'the cause first');
  await page.keyboard.press('e');
  t.equal(await page.locator('.span-row[aria-selected=true]').getAttribute('aria-level'), '4');
  t.match(await shownText(page.locator('.span-notices')), 'Error: from user-lookup: database is locked');
  await page
    .getByRole('button', { name: /GET .api.users of user-lookup failed: database is locked/ })
    .click();
  await page.getByRole('tab', { name: 'Events 1' }).click();
  await page.locator('.stack', { hasText: 'at findUsers (routes.ts:28:21)' }).waitFor();
  t.match(await shownText(page.locator('.span-notices')), 'Error: database is locked');
  t.equal(
    await page.locator('.span-time > .event-mark.exception').getAttribute('aria-label'),
    'exception at 27.0 ms',
  );
  await chooseDrawn(open, 'Levels', '1');
  t.match(
    await shownText(page.locator('.span-row').first()),
    /2\s+errors below/,
    'a folded span says that there are errors below',
  );
  t.same(problems, []);
});

t.test(
  'with one finding the first span is in the upper third; a loop is one row until it is opened',
  async (t) => {
    const traceId = randomId(16);
    const root = {
      traceId,
      spanId: randomId(8),
      name: 'GET /orders',
      service: 'shop',
      kind: 2,
      durationMs: 400,
    };
    const start = BigInt(Date.now() - 60_000) * 1_000_000n;
    const line = (n: number): PlainSpan => ({
      traceId,
      parentSpanId: root.spanId,
      name: 'SELECT lines',
      service: 'shop',
      kind: 3,
      start: start + BigInt(n * 20e6),
      durationMs: 16,
      attributes: { 'db.system.name': 'sqlite', 'db.query.text': 'select * from lines where id = ?' },
    });
    await storeSpans(store, [
      { ...root, start },
      ...Array.from({ length: 15 }, (_, n) => line(n)),
      { ...line(16), service: 'other', name: 'GET' },
    ]);
    await visit(`/trace/${traceId}`, { height: 720 });
    const row = page.locator('.span-row', { hasText: 'SELECT lines' });
    await row.waitFor();
    t.equal(await page.locator('.findings li').count(), 1);
    const { y = 999 } = (await page.locator('.span-row').first().boundingBox()) ?? {};
    t.ok(y <= 202, `the first span begins at ${y}`);
    t.match(await shownText(row), /SELECT lines\s+× 15[\s\S]*240 ms together/);
    t.equal(await row.count(), 1);
    t.equal(await row.locator('.bar').count(), 15, 'each is drawn');
    await row.getByRole('button', { name: 'Show 15 equal spans one by one' }).click();
    t.equal(await row.count(), 15);
    await page.getByRole('button', { name: 'Make one row of 15 equal spans' }).click();
    t.equal(await row.count(), 1);
    await page.getByLabel('Search spans').fill('sqlite');
    await page.locator('.match-count', { hasText: '1 of 16' }).waitFor();
    await row.nth(14).waitFor();
    t.equal(await row.count(), 15, 'a search opens it');
    await page.getByLabel('Search spans').fill('other');
    await page.locator('.match-count', { hasText: '1 of 1' }).waitFor();
    await page.getByRole('button', { name: 'Only matches' }).click();
    await until(async () => (await names()).join() === 'GET /orders,GET');
    if (IS_NIGHT) t.same(await violations(), []);
    t.same(problems, []);
  },
);

t.test('the page is as high as the window, however many fields the span has', async (t) => {
  await showTrace(open, { height: 500 });
  await page.locator('.field-line').first().waitFor();
  const below = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  t.equal(below, 0, 'the page would scroll past its end, and take an open menu along');
});

t.test('the fields of a span: filtered, asked about, as columns, as colours', async (t) => {
  const { ids, goto } = await showTrace(open);
  await goto(`?span=${ids.home}`);
  const fields = page.locator('.field-list > div');
  await fields.filter({ hasText: 'http.route' }).waitFor();
  await page.getByLabel('Filter fields').fill('user.id');
  t.equal(await fields.count(), 1);
  const choose = async (action: string | RegExp) => {
    await page.getByRole('button', { name: 'Actions for user.id' }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  await choose('Show as a column');
  await page.getByRole('columnheader', { name: 'user.id' }).waitFor();
  await page.locator('.span-extra', { hasText: 'ada' }).waitFor();
  await choose('Colour spans by it');
  await page.locator('.own-part', { hasText: 'ada' }).waitFor();
  t.match(page.url(), /columns=user.id.*color=user.id/);
  await choose('Where = this value');
  await page.waitForURL((url) => url.pathname === '/query');
  const query = JSON.parse(new URL(page.url()).searchParams.get('query') ?? '');
  t.match(query, { filters: [{ column: 'user.id', op: '=', value: 'ada' }], time_range: 600 });
  await page.goBack();
  await page.getByLabel('Filter fields').fill('user.id');
  await choose('Group by it');
  await page.waitForURL((url) => url.pathname === '/query');
  t.same(JSON.parse(new URL(page.url()).searchParams.get('query') ?? '').breakdowns, ['user.id']);
  t.same(problems, []);
});

atNight(t).test('a span as OTLP and as Honeycomb stores it; its links; among its like', async (t) => {
  const [linking, cause] = [randomId(16), randomId(16)];
  const { page, store, ids, traceId, goto, problems, violations } = await openTrace(t, {
    async fill(store) {
      for (let i = 1; i < 10; i++) await storeHomeTrace(store, { slower: 1 + i / 10 });
    },
  });
  await goto(`?span=${ids.data}`);
  await page.getByRole('tab', { name: 'JSON' }).click();
  await page.locator('.form-text', { hasText: '"spanId"' }).waitFor();
  await choose(page.getByRole('combobox', { name: 'Form' }), 'Honeycomb');
  await page.locator('.form-text', { hasText: '"trace.span_id"' }).waitFor();
  await page.getByRole('tab', { name: 'Links 1' }).click();
  await page.locator('.event-list', { hasText: 'is not stored' }).waitFor();
  await page.locator('.event-list', { hasText: 'cache filled by' }).waitFor();
  await page.getByText('No stored span of another trace links to it.').waitFor();
  const link = { traceId, spanId: ids.data ?? '' };
  await storeSpans(store, [
    { traceId: linking, name: 'send mail', service: 'mailer', links: [link, link] },
    { traceId: cause, name: 'other', links: [{ ...link, spanId: randomId(8) }] },
  ]);
  await page.reload();
  const linked = page.locator('.linked-from');
  await linked.getByRole('link', { name: 'send mail' }).waitFor();
  t.match(await shownText(linked), /^Linked from\s+send mail\s+mailer\s+[\d:. ,\w]+$/);
  await page.getByRole('tab', { name: 'Links 1' }).waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  await linked.getByRole('link').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === `/trace/${linking}`);
  await page.getByRole('tab', { name: 'Links 2' }).click();
  const leads = page.locator('.event-list li', { hasText: /home-activities-data\s+activities-api/ });
  await leads.first().waitFor();
  await page.goBack();
  await page.goBack();
  await page.getByRole('tab', { name: 'Durations' }).click();
  await page.getByText(/^Beside 9 other spans .* it is the fastest of 10\.$/).waitFor();
  t.match(page.url(), 'tab=durations');
  t.same(problems, []);
});

t.test(
  'search counts and steps through matches in names and values, and opens folded spans above them',
  async (t) => {
    await showTrace(open, { query: '?depth=0' });
    await page.keyboard.press('/');
    await page.keyboard.type('sqlite');
    await page.locator('.match-count', { hasText: '1 of 1' }).waitFor();
    await until(async () => (await selectedName()) === 'SELECT activities');
    await page.getByLabel('Search spans').fill('select');
    await page.locator('.match-count', { hasText: '2' }).waitFor();
    await page.getByRole('button', { name: 'Next match' }).click();
    await until(async () => (await selectedName()) === 'SELECT users');
    await page.getByLabel('Search spans').fill('there is no such text');
    await page.getByText('nothing found').waitFor();
    t.same(problems, []);
  },
);

t.test('a letter typed while the search goes to its first match stays in the field', async (t) => {
  await showTrace(open);
  const search = page.getByLabel('Search spans');
  // The number of matches is drawn a moment before the first of them is selected: a letter comes between.
  await search.evaluate((field: HTMLInputElement) => {
    const count = document.querySelector('.match-count');
    const observer = new MutationObserver(() => {
      observer.disconnect();
      field.value += 'e';
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    });
    if (count !== null) observer.observe(count, { childList: true, characterData: true, subtree: true });
  });
  await search.fill('sqlit');
  await page.locator('.match-count', { hasText: '1 of 1' }).waitFor();
  await until(async () => (await selectedName()) === 'SELECT activities');
  t.equal(await search.inputValue(), 'sqlite');
  t.equal(new URL(page.url()).searchParams.get('q'), 'sqlite');
  t.same(problems, []);
});

t.test(
  'clocks that disagree, parents that are missing: said, shown, and the correction can be switched off',
  async (t) => {
    await showTrace(open, {
      trace: { skewMs: 700, extra: [{ name: 'orphan', parentSpanId: '1234567890abcdef' }] },
    });
    t.match(
      await shownText(page.locator('.findings')),
      /parent of 1 span has not arrived.*user-lookup is 700 ms ahead of activities-api; 2 spans moved/s,
    );
    await page.getByRole('button', { name: /^The parent of 1 span/ }).click();
    t.equal(await selectedName(), 'orphan', 'the finding leads to the span');
    t.match(await shownText(page.locator('.span-notices')), '1234567890abcdef');
    await page.locator('.span-row', { hasText: 'SELECT users' }).click();
    t.match(await shownText(page.locator('.span-notices')), 'moved by −700 ms');
    const at = () => shownText(page.locator('.span-facts'));
    t.match(await at(), 'at 17.0 ms');
    await page.getByRole('button', { name: 'Colours, columns …' }).click();
    await page.getByRole('switch', { name: 'Clocks corrected' }).click();
    t.match(await at(), 'at 717 ms');
    t.match(page.url(), 'clocks=sent');
    t.same(problems, []);
  },
);

atNight(t).test(
  'an id of 64 bits opens and compares its trace, also padded to 32 digits as headers have it',
  async (t) => {
    const short = randomId(8);
    await storeSpans(store, [{ traceId: `${'0'.repeat(16)}${short}`, name: 'from Zipkin' }]);
    const { traceId, ids } = await showTrace(open);
    for (const id of [short, `${'0'.repeat(16)}${short}`, short.toUpperCase()]) {
      await page.goto(`${origin}/trace/${id}`);
      await page.locator('.span-row', { hasText: 'from Zipkin' }).waitFor();
      t.match(await page.title(), `Trace ${short.slice(0, 8)}`);
    }
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await page.getByRole('button', { name: 'Copy …' }).click();
    await page.getByRole('button', { name: 'Copy traceparent' }).click();
    await page.locator('.copy-buttons').getByText('Copied').waitFor();
    t.match(
      await page.evaluate(() => navigator.clipboard.readText()),
      new RegExp(`^00-0{16}${short}-[0-9a-f]{16}-01$`),
    );
    await storeLogs(store, [{ traceId: `${'0'.repeat(16)}${short}`, severity: 9, body: 'a line of it' }]);
    await page.goto(`${origin}/logs`);
    await page.getByText('a line of it').click();
    await page.getByRole('link', { name: `In its trace ${short.slice(0, 8)}` }).click();
    await page.waitForURL(new RegExp(`/trace/${short}`));
    const box = page.getByLabel('Id of the trace to compare with');
    for (const other of [traceId, `00-${traceId}-${ids.home}-01`, `${origin}/trace/${traceId}`, short]) {
      await page.getByRole('button', { name: 'Compare …' }).click();
      await box.fill(other);
      await box.press('Enter');
      await page.getByText('Compared with another trace').waitFor();
      t.equal(new URL(page.url()).searchParams.get('compare'), other === short ? short : traceId);
      await page.getByRole('button', { name: /^Stop comparing/ }).click();
    }
    t.same(problems, []);
  },
);

t.test('critical path, subtree and time zoom, all undone with Esc', async (t) => {
  const { ids, goto } = await showTrace(open);
  await goto(`?span=${ids.get}`);
  await page.keyboard.press('c');
  await page.locator('.bar-critical').first().waitFor();
  t.match(await shownText(page.locator('.span-facts')), 'critical for 6.00 ms');
  await page.keyboard.press('z');
  t.same(await names(), all.slice(4, 7));
  t.equal(await page.locator('.span-row').first().getAttribute('aria-level'), '1');
  await page.keyboard.press('z');
  t.same(await names(), all);
  const picture = page.locator('.minimap-picture');
  const box = await picture.boundingBox();
  if (box === null) throw new Error('The minimap is not shown.');
  await page.mouse.move(box.x + box.width / 2, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + 10, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/range=23/);
  t.match(
    await shownText(page.locator('.waterfall-ticks')),
    /30 ms.*4[56]\.\d ms/s,
    'round times and the end',
  );
  t.ok((await page.locator('.bar-outside').count()) > 0);
  for (let i = 0; i < 3; i++) await page.keyboard.press('Escape');
  t.notMatch(page.url(), /range/);
  t.match(page.url(), 'span=none', 'the panel stays closed');
  t.same(problems, []);
});

t.test('two traces compared: slower, added and missing spans in one waterfall', async (t) => {
  let other = '';
  const { page, problems } = await openTrace(t, {
    trace: { slower: 3, extra: [{ name: 'only here', service: 'activities-api' }] },
    async fill(store) {
      const start = Date.now() - 90_000;
      other = (await storeHomeTrace(store, { start, extra: [{ name: 'only there' }] })).traceId;
    },
  });
  await page.getByRole('button', { name: 'Compare …' }).click();
  await page.locator('.compare-list li button', { hasText: other.slice(0, 8) }).click();
  await page.locator('.span-row.slower').first().waitFor();
  await page.locator('.largest-change').waitFor(); // its code comes later
  t.match(await shownText(page.locator('.trace-notices')), /1 added, 1 missing, 8 slower, 0 faster/);
  t.match(await shownText(page.locator('.span-row.missing')), 'only there');
  t.match(await shownText(page.locator('.span-row.added')), 'only here');
  t.match(await shownText(page.locator('.span-row.slower').first()), /\+92\.0 ms below/);
  t.match(
    await shownText(page.locator('.largest-change')),
    /The largest part: SELECT users of user-lookup itself took 18\.0 ms longer: 19\.6 % of the difference\./,
  );
  t.match(page.url(), `compare=${other}`);
  await page.getByRole('button', { name: /Stop comparing/ }).click();
  await page.locator('.span-row.missing').waitFor({ state: 'detached' });
  t.same(problems, []);
});

t.test('spans whose parents have not arrived are named where two traces are compared', async (t) => {
  const trace = (traceId: string, parent: string, ago: number): PlainSpan[] => {
    const root = randomId(8);
    const start = BigInt(Date.now() - ago) * 1_000_000n;
    const own = { traceId, service: 'basket', start };
    return [
      { ...own, spanId: root, name: 'GET /basket', kind: 2, durationMs: 30 },
      { ...own, parentSpanId: parent || root, name: 'SELECT basket', kind: 3, durationMs: 10 },
    ];
  };
  const [torn, whole, alike] = [randomId(16), randomId(16), randomId(16)];
  await storeSpans(store, [
    ...trace(torn, randomId(8), 60_000),
    ...trace(whole, '', 90_000),
    ...trace(alike, '', 80_000),
  ]);
  const notices = page.locator('.trace-notices');
  await visit(`/trace/${torn}?compare=${whole}`);
  await notices.getByText('1 added, 1 missing, 0 slower, 0 faster').waitFor();
  t.match(await shownText(notices), /Parents of 1 of these spans have not arrived\./);
  await visit(`/trace/${alike}?compare=${whole}`);
  await notices.getByText('the same spans').waitFor();
  t.notMatch(await shownText(notices), /Parents of/);
  t.same(problems, []);
});

t.test('many new calls are one change, and findings stay while two traces are compared', async (t) => {
  const trace = (traceId: string, calls: number, ago: number): PlainSpan[] => {
    const root = randomId(8);
    const at = (ms: number) => BigInt(Date.now() - ago + ms) * 1_000_000n;
    const own = { traceId, service: 'shop' };
    const call = {
      ...own,
      parentSpanId: root,
      name: 'SELECT stock',
      kind: 3,
      durationMs: 10,
      attributes: { 'db.system.name': 'sqlite', 'db.query.text': 'SELECT * FROM stock WHERE id = ?' },
    };
    return [
      { ...own, spanId: root, name: 'GET /cart', kind: 2, start: at(0), durationMs: 30 + calls * 10 },
      ...Array.from({ length: calls }, (_, index) => ({ ...call, start: at(5 + index * 10) })),
    ];
  };
  const [traceId, other] = [randomId(16), randomId(16)];
  await storeSpans(store, [...trace(traceId, 15, 60_000), ...trace(other, 2, 90_000)]);
  await visit(`/trace/${traceId}`);
  const finding = page.getByRole('region', { name: 'What is wrong' }).getByRole('button', { name: /15/ });
  await finding.waitFor();
  await page.getByRole('button', { name: 'Compare …' }).click();
  const choice = page.locator('.compare-choice').first();
  t.match(await shownText(choice), 'median');
  t.match(await shownText(choice), other.slice(0, 8));
  await choice.click();
  await page.locator('.span-row.added').first().waitFor();
  t.match(
    await shownText(page.locator('.largest-change')),
    /Most of it: 15 × SELECT stock of shop \(13 new\) took 130 ms longer together: 100 % of the difference\./,
  );
  await finding.click();
  await page.locator('.span-row.matched').first().waitFor();
  t.match(await shownText(page.locator('.span-row.matched').first()), 'SELECT stock');
  t.same(problems, []);
});

t.test('every step by keyboard alone, from the address to a field of a span and back', async (t) => {
  await showTrace(open);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  const row = page.locator('.span-row[aria-selected=true]');
  t.equal(await row.getAttribute('aria-level'), '2', 'from the root, which is selected where there is room');
  t.match(await row.getAttribute('aria-label'), /^GET .api.activities.home, activities-api, 40\.0 ms/);
  await page.locator(`:focus[aria-activedescendant="${await row.getAttribute('id')}"]`).waitFor();
  await page.keyboard.press('Escape');
  const focusOn = async (selector: string) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    }
    throw new Error(`Tab does not lead to ${selector}.`);
  };
  await focusOn('[role=treegrid]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  t.equal(await selectedName(), 'home-result-activities');
  const active = await page.locator('[role=treegrid]').getAttribute('aria-activedescendant');
  t.equal(await page.locator('.span-row[aria-selected=true]').getAttribute('id'), active);
  await page.keyboard.press('ArrowLeft');
  t.equal(await selectedName(), 'home-activities-data');
  await page.keyboard.press('ArrowLeft');
  t.equal((await names()).length, 3);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.locator('[role=tab]:focus').waitFor();
  await page.keyboard.press('ArrowRight');
  t.equal(await shownText(page.locator('[role=tab][aria-selected=true]')), 'Events 0');
  await page.keyboard.press('Escape');
  await page.locator('.span-panel').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Signs and keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await hasFocus(page.getByRole('treegrid'));
  t.same(problems, []);
});

t.test('at 200 % zoom the waterfall is in sight; tools are shown when they are asked for', async (t) => {
  await showTrace(open, { width: 640, height: 400, trace: { failing: true } });
  const rowsInSight = () =>
    page
      .locator('.span-row .bar')
      .evaluateAll((all) => all.filter((each) => each.getBoundingClientRect().bottom <= innerHeight).length);
  t.ok((await rowsInSight()) >= 3, `${await rowsInSight()} rows are in sight`);
  t.notOk(await page.getByRole('button', { name: 'Save …' }).isVisible());
  await page.getByRole('button', { name: 'Tools' }).click();
  t.ok(await page.getByRole('button', { name: 'Save …' }).isVisible());
  t.ok(await page.getByLabel('Search spans').isVisible());
  if (IS_NIGHT) t.same(await violations(), []);
});

t.test('a newcomer finds each sign of the waterfall explained, on hover and behind one key', async (t) => {
  await showTrace(open, { trace: { failing: true } });
  const failed = page.locator('.bar-error').first();
  t.match(await failed.getAttribute('title'), /^GET .* of .*: [\d.]+ ms, failed, as the ring says$/);
  t.match(await page.locator('.fold').first().getAttribute('title'), 'Hide the spans below 1 child');
  await page.locator('.own-time > button').click();
  t.match(await page.locator('.trace-legend li').first().getAttribute('title'), 'self time in');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Signs and keys' });
  t.equal(await dialog.evaluate((each) => each.scrollTop), 0, 'from its beginning');
  for (const sign of ['a ring: the span failed', 'a dashed outline', 'a square: an exception', 'self time'])
    await dialog.getByText(sign).first().waitFor();
  t.ok(await dialog.locator('.bar-error').isVisible(), 'drawn as in the waterfall');
  t.same(await violations(), []);
  t.same(problems, []);
});

atNight(t).test('the editor of source links is chosen once for this browser', async (t) => {
  const traceId = randomId(16);
  const attributes = { 'code.file.path': '/srv/cart.ts', 'code.line.number': 7 };
  await storeSpans(store, [{ traceId, name: 'GET /cart', attributes }]);
  await visit(`/trace/${traceId}`);
  const link = page.locator('.source-link a.mono');
  t.equal(await link.getAttribute('href'), 'vscode://file/srv/cart.ts:7');
  await choose(page.getByLabel('Editor of source links'), 'Cursor');
  t.equal(await link.getAttribute('href'), 'cursor://file/srv/cart.ts:7');
  await page.reload();
  t.equal(await link.getAttribute('href'), 'cursor://file/srv/cart.ts:7', 'after a reload');
});

t.test('the name of a span is whole while a long service beside it has letters to give', async (t) => {
  const traceId = randomId(16);
  const service = 'com.example.platform.checkout.orders.OrderCoordinatorService';
  await storeSpans(store, [{ traceId, service, name: 'GET /customers/:id', kind: 2, durationMs: 5 }]);
  await visit(`/trace/${traceId}`);
  const title = page.locator('.span-row .span-title').first();
  await title.waitFor();
  t.ok(await title.evaluate((each) => each.scrollWidth <= each.clientWidth));
  t.same(problems, []);
});
