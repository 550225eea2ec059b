import t from 'tap';
import { atNight } from '../../../../../../test/helpers/nightly.ts';
import { openPage } from '../../../page/browser.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { storeSpans } from '../../../spans.ts';
import { makeRun, randomFrom } from '../server/compare/make-run.ts';

t.test('two runs are compared on the overview, and each change leads into both waterfalls', async (t) => {
  const random = randomFrom(9);
  const { page, origin, problems, store } = await openPage(t, {
    path: '/',
    fill: (store) => storeSpans(store, makeRun('main', random, { requests: 120 })),
  });
  await page.locator('.overview-totals').waitFor();
  const link = page.getByRole('link', { name: 'Compare runs' });
  t.equal(await link.count(), 0, 'one run has none to be compared with');
  await storeSpans(
    store,
    makeRun('branch', random, { requests: 120, userCalls: 7 }).map((span) => ({
      ...span,
      start: (span.start ?? 0n) + 1_000_000_000n,
    })),
  );
  await page.goto(origin);
  await link.click();
  await page.getByRole('heading', { name: 'branch compared with main' }).waitFor();
  const rows = page.getByRole('region', { name: 'Runs' }).locator('tbody tr');
  await rows.first().getByText(/^\d+$/).first().waitFor();
  t.match(await rows.allTextContents(), [/branch[\d,]+\d0$/, /main[\d,]+\d0$/]);
  const picked = (param: string) => page.locator(`input[name=${param}]:checked`).getAttribute('aria-label');
  t.same([await picked('run'), await picked('compare')], ['Run branch', 'compared with main']);
  const lines = page.getByRole('region', { name: 'Runs' }).getByRole('listitem');
  t.ok((await lines.count()) > 0);
  t.equal(await lines.filter({ hasNot: page.getByRole('link') }).count(), 0, 'each line leads to its traces');
  await page.getByRole('radio', { name: 'Run main' }).check();
  await page.getByRole('heading', { name: 'main compared with main' }).waitFor();
  await page.getByRole('radio', { name: 'Run branch' }).check();
  const row = page.getByRole('link', { name: /GET \/api\/users 1 → 7/ }).first();
  t.match(await shownText(row), /GET \/home: GET \/api\/users 1 → 7 per request \(users\)/);
  await row.click();
  await page.getByRole('button', { name: /^Stop comparing with/ }).waitFor();
  t.match(page.url(), /\/trace\/[0-9a-f]{32}\?compare=[0-9a-f]{32}$/);
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
    path: '/',
    fill: (store) => storeSpans(store, [ofBranch('main', main, 0n), ofBranch('cart', cart, 1n)]),
  });
  await page.getByRole('link', { name: 'Compare runs' }).click();
  await page.getByRole('heading', { name: 'cart 2e4d8b6af0c1 compared with main 1f0c9a7be1d2' }).waitFor();
  await storeSpans(store, [ofBranch('cart', '3d5c7a5bef024a33', 2n)]);
  await page.goto(`${origin}/?compare=${cart}`);
  await page.getByRole('heading', { name: 'cart 3d5c7a5bef02 compared with cart 2e4d8b6af0c1' }).waitFor();
  const causes = () =>
    page.getByRole('region', { name: 'Runs' }).locator('tbody td:nth-child(7)').allTextContents();
  t.same(await causes(), ['0', '0', '–'], 'of runs that were not chosen nothing is read');
  await page.getByRole('radio', { name: `compared with ${main}` }).check();
  await page.getByRole('heading', { name: 'cart 3d5c7a5bef02 compared with main 1f0c9a7be1d2' }).waitFor();
  t.same(await causes(), ['0', '0', '0'], 'a count stays');
  t.same(problems, []);
});

atNight(t).test('a run is a time range of each view that has one', async (t) => {
  const random = randomFrom(9);
  const { page, problems } = await openPage(t, {
    path: '/',
    fill: (store) => storeSpans(store, makeRun('main', random, { requests: 10 })),
  });
  const asked: string[] = [];
  page.on('request', (request) => request.url().endsWith('/api/runs') && asked.push(request.url()));
  for (const [path, params] of [
    ['/', ['start', 'end']],
    ['/traces', ['start_time', 'end_time']],
    ['/logs', ['start', 'end']],
    ['/map', ['start', 'end']],
  ] as const) {
    asked.length = 0;
    await page.goto(new URL(path, page.url()).href);
    const time = page.getByRole('combobox', { name: 'Time', exact: true });
    await time.waitFor();
    // The overview asks for its link *Compare runs*.
    if (path !== '/')
      t.same(asked, [], 'the runs, a scan of all spans, are asked for when a person comes near');
    await time.focus();
    const option = time.locator('option', { hasText: /^main: / });
    await option.waitFor({ state: 'attached' });
    await time.selectOption({ label: (await option.textContent()) ?? '' });
    await page.waitForURL((url) => params.every((name) => Number(url.searchParams.get(name)) > 0));
    await page.waitForFunction(() =>
      document.querySelector('select')?.selectedOptions[0]?.text.startsWith('main: '),
    );
  }
  t.same(problems, []);
});

t.test('the address that `run` names shows the time of its run', async (t) => {
  const start = BigInt(Date.now() - 7_200_000) * 1_000_000n;
  const { page, origin, problems } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(store, [{ kind: 2, name: 'GET /then', start, resource: { 'tandem.run.id': 'then' } }]),
  });
  await page.goto(`${origin}/?run=then`);
  await page.waitForURL((url) => url.searchParams.get('start') !== null);
  const { searchParams } = new URL(page.url());
  const [from, to] = [Number(searchParams.get('start')), Number(searchParams.get('end'))];
  t.ok(from * 1e9 <= Number(start) && Number(start) < to * 1e9);
  t.equal(searchParams.get('run'), 'then');
  t.same(problems, []);
});
