import { readFile } from 'node:fs/promises';
import t from 'tap';
import { atNight } from '../../../../../../test/helpers/nightly.ts';
import { textOf } from '../../../../src/parts/known/command/write-file.ts';
import { openPage } from '../../../page/browser.ts';
import { lookFaults } from '../../../page/look-faults.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { storeSpans } from '../../../spans.ts';
import { shopSpans } from '../../known/shop-run.ts';
import { makeRun, randomFrom } from '../server/compare/make-run.ts';
import { attemptSpans, vitestSpans } from '../server/flaky/test-run.ts';

t.test('two runs of the list are compared, and each change leads into both waterfalls', async (t) => {
  const random = randomFrom(9);
  const { page, origin, problems, store, violations } = await openPage(t, {
    path: '/runs',
    fill: (store) => storeSpans(store, makeRun('main', random, { requests: 120 })),
  });
  const rows = page.getByRole('region', { name: 'Runs' }).getByRole('listitem');
  await rows.first().waitFor();
  t.equal(await rows.count(), 1);
  t.equal(
    await page.getByRole('link', { name: 'Compare' }).count(),
    0,
    'one run has none to be compared with',
  );
  await storeSpans(
    store,
    makeRun('branch', random, { requests: 120, userCalls: 7 }).map((span) => ({
      ...span,
      start: (span.start ?? 0n) + 1_000_000_000n,
    })),
  );
  await page.goto(`${origin}/runs`);
  t.match(await shownText(rows.first()), /branch.*408 requests/su);
  await page.getByRole('checkbox', { name: 'Compare main' }).check();
  await page.getByRole('checkbox', { name: 'Compare branch' }).check();
  t.same(await violations(), []);
  await page.getByRole('link', { name: 'Compare' }).click();
  await page.getByRole('heading', { name: 'branch compared with main' }).waitFor();
  t.match(new URL(page.url()).pathname, '/report');
  const counts = page.locator('.report-counts');
  t.match(await shownText(counts), /Call more\s+[1-9].*Tests failed\s+0\s+of 0/su);
  const lines = page.locator('main li');
  t.equal(await lines.filter({ hasNot: page.getByRole('link') }).count(), 0, 'each line leads to its traces');
  const row = lines.filter({ hasText: /GET \/home: GET \/api\/users 1 → 7 per request \(users\)/ });
  t.match(await shownText(row), /before\s+1\s+now\s+7\s+× 7/u);
  await eachLook(page, async ({ width }, look) => {
    t.same(await violations(), [], look);
    t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
    t.same(await lookFaults(page), [], look);
  });
  await page.setViewportSize({ width: 1280, height: 800 });
  await row.getByRole('link').click();
  await page.getByRole('button', { name: /^Stop comparing with/ }).waitFor();
  t.match(page.url(), /\/trace\/[0-9a-f]{32}\?compare=[0-9a-f]{32}$/);
  t.same(problems, []);
});

t.test('a report is copied and saved as Markdown; go leads to it by its name', async (t) => {
  const { page, context, problems } = await openPage(t, {
    path: '/',
    fill: (store) => storeSpans(store, makeRun('main', randomFrom(9), { requests: 40 })),
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('g');
  await page.getByRole('combobox', { name: /^Trace, link/ }).fill('report');
  await page.getByRole('option', { name: /^Report/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/report');
  await page.getByRole('heading', { name: 'main' }).waitFor();
  await page.getByRole('button', { name: 'Copy as Markdown' }).click();
  await page.getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  t.match(copied, /^## main\n/);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save' }).click();
  const saved = await saving;
  t.equal(await readFile(await saved.path(), 'utf8'), copied);
  t.same(problems, []);
});

t.test('a report has what the project has accepted last, with who did, why and until when', async (t) => {
  const entry = {
    ...{ rule: 'repeated-call', service: 'shop', route: 'GET /orders', operation: 'SELECT items' },
    ...{ statement: 'select name from items where id = ?', file: 'src/orders.js' },
    ...{ by: 'orders team', why: 'a report for 20 rows', since: '2026-11-29', until: '2999-01-01' },
  };
  const folder = t.testdir({ '.git': {}, 'tandem-known.json': textOf([entry]) });
  const { page, origin, problems, violations } = await openPage(t, {
    path: '/runs',
    fill: (store) => storeSpans(store, shopSpans({}, 'r1')),
  });
  await fetch(`${origin}/api/code-folder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run: 'r1', folder }),
  });
  await page.goto(`${origin}/report?run=r1`);
  const known = page.getByRole('region', { name: 'Known problems' });
  await known.waitFor();
  t.match(
    await shownText(known),
    /1 known problem \(tandem-known\.json\).*SELECT items was called 15 times.*accepted by orders team until 2999-01-01: a report for 20 rows/su,
  );
  t.match(await shownText(page.locator('.report-counts')), /Problems\s+2/u);
  const titles = await page.locator('main').getByRole('region').getByRole('heading').allTextContents();
  t.match(titles.at(-1), /^Known problems/);
  t.notMatch(await shownText(page.getByRole('region', { name: /^Problems/ })), /SELECT items/);
  t.same(await violations(), []);
  await known.getByRole('link').click();
  await page.waitForURL('**/trace/*');
  t.same(problems, []);
});

atNight(t).test('runs have the names of their branches, where these are known', async (t) => {
  const ofBranch = (branch: string, revision: string, seconds: bigint) => ({
    kind: 2,
    name: 'GET /',
    start: BigInt(Date.now() - 60_000) * 1_000_000n + seconds * 1_000_000_000n,
    resource: { 'vcs.ref.head.revision': revision, 'vcs.ref.head.name': branch },
  });
  const [main, cart] = ['1f0c9a7be1d24c55', '2e4d8b6af0c13b44'];
  const { page, origin, store, problems } = await openPage(t, {
    path: '/report?base=1f0c9a7be1d24c55',
    fill: (store) => storeSpans(store, [ofBranch('main', main, 0n), ofBranch('cart', cart, 1n)]),
  });
  await page.getByRole('heading', { name: 'cart 2e4d8b6af0c1 compared with main 1f0c9a7be1d2' }).waitFor();
  await storeSpans(store, [ofBranch('cart', '3d5c7a5bef024a33', 2n)]);
  await page.goto(`${origin}/report?base=${cart}`);
  await page.getByRole('heading', { name: 'cart 3d5c7a5bef02 compared with cart 2e4d8b6af0c1' }).waitFor();
  await page.getByRole('link', { name: 'Runs' }).click();
  const rows = page.getByRole('region', { name: 'Runs' }).getByRole('listitem');
  await rows.first().waitFor();
  t.match(await shownText(rows.first()), /cart\s+3d5c7a5bef02/);
  t.same(problems, []);
});

atNight(t).test('a run is a time range of each view that has one', async (t) => {
  const random = randomFrom(9);
  const { page, problems } = await openPage(t, {
    path: '/',
    fill: (store) => storeSpans(store, makeRun('main', random, { requests: 10 })),
  });
  for (const [path, params] of [
    ['/', ['start', 'end']],
    ['/traces', ['start_time', 'end_time']],
    ['/logs', ['start', 'end']],
    ['/map', ['start', 'end']],
  ] as const) {
    await page.goto(new URL(path, page.url()).href);
    await page.getByRole('button', { name: /^Time/ }).click();
    await page.getByRole('button', { name: /^main/ }).click();
    await page.waitForURL((url) => params.every((name) => Number(url.searchParams.get(name)) > 0));
  }
  t.same(problems, []);
});

/** As long as people write them. */
const LONG = 'a cart keeps what somebody put into it on another device, and says so, also after they log out';

t.test('a flaky test leads to both of its attempts, opened at the difference', async (t) => {
  const paid = [{ route: 'GET /checkout', statements: ['SELECT t'] }];
  const failed = [{ route: 'GET /checkout', status: 503 }];
  const { page, origin, problems, violations } = await openPage(t, {
    path: '/runs',
    fill: async (store) => {
      await storeSpans(store, vitestSpans('vitest', { pays: [failed, paid] }));
      await storeSpans(store, [
        ...attemptSpans({ run: 'jest', test: 'pays', attempt: 0, status: 'fail', asks: failed }),
        ...attemptSpans({ run: 'jest', test: 'pays', attempt: 1, status: 'pass', asks: paid }),
        ...attemptSpans({ run: 'jest', test: LONG, status: 'fail', asks: failed }),
      ]);
    },
  });
  const list = page.getByRole('region', { name: 'Runs' });
  t.match(await shownText(list), /1 test, 1 flaky/);
  for (const [run, what, url] of [
    ['jest', 'trace', /\?compare=[0-9a-f]{32}&span=[0-9a-f]{16}$/],
    ['vitest', 'attempt', /\?compare=[0-9a-f]{32}&attempts=[0-9a-f]{16}-[0-9a-f]{16}&span=[0-9a-f]{16}$/],
  ] as const) {
    await page.goto(`${origin}/report?run=${run}`);
    const flaky = page.getByRole('region', { name: 'Flaky' });
    await flaky.waitFor();
    t.match(await shownText(flaky), /pays.*GET \/checkout answered 503, then 200.*expected 503/su);
    t.same(await violations(), []);
    if (run === 'jest') {
      const name = page.getByRole('region', { name: 'Failing tests' }).getByRole('link');
      t.ok(
        await name.evaluate((each) => each.scrollWidth <= each.clientWidth),
        'a name has the room of figures that nobody has',
      );
      t.same(await lookFaults(page), []);
    }
    await flaky.getByRole('link').first().click();
    await page.getByRole('button', { name: /^Stop comparing with/ }).waitFor();
    t.match(page.url(), url);
    const said = page.locator('.trace-notices');
    await said.getByText('GET /checkout answered 503, then 200').waitFor();
    t.ok((await shownText(said)).includes(`Compared with another ${what}: 0 added, 1 missing`));
    const selected = page.getByRole('row', { selected: true });
    t.match(await shownText(selected), /checkout|GET/);
  }
  t.same(problems, []);
});
