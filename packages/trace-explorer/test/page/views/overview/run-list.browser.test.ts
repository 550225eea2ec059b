import t from 'tap';
import { makeRun, randomFrom } from '../../../compare/make-run.ts';
import { storeSpans } from '../../../spans.ts';
import { openPage } from '../../browser.ts';
import { shownText } from '../../trace-fixtures.ts';

t.test('two runs are compared on the overview, and each change leads into both waterfalls', async (t) => {
  const random = randomFrom(9);
  const { page, origin, problems, store } = await openPage(t, {
    path: '/',
    fill: (store) => storeSpans(store, makeRun('main', random)),
  });
  await page.locator('.overview-totals').waitFor();
  const link = page.getByRole('link', { name: 'Compare runs' });
  t.equal(await link.count(), 0, 'one run has none to be compared with');
  await storeSpans(
    store,
    makeRun('branch', random, { userCalls: 7 }).map((span) => ({
      ...span,
      start: (span.start ?? 0n) + 1_000_000_000n,
    })),
  );
  await page.goto(origin);
  await link.click();
  const list = page.locator('.figure-list', {
    has: page.getByRole('heading', { name: 'branch compared with main' }),
  });
  const row = list.locator('li a').first();
  t.match(await shownText(row), /GET \/home: GET \/api\/users 1 → 7 per request \(users\)\s+✗ worse/);
  await row.click();
  await page.getByRole('button', { name: /^Stop comparing with/ }).waitFor();
  t.match(page.url(), /\/trace\/[0-9a-f]{32}\?compare=[0-9a-f]{32}$/);
  t.same(problems, []);
});
