import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { openPage } from '../../browser.ts';
import { at, fill } from './log-fixtures.ts';

t.test('a tail shows what comes, stands still while somebody reads, and goes on', async (t) => {
  const { page, store, problems } = await openPage(t, {
    path: '/logs?mode=tail',
    async fill(store) {
      await fill(store);
      await store.write(
        decodedLogs(Array.from({ length: 150 }, (_, i) => ({ body: `before ${i}`, time: at(19) }))),
      );
    },
  });
  const rows = page.locator('.log-rows');
  await page.getByText('Following what comes.').waitFor();
  await rows.getByText('before 149').waitFor();
  await store.write(decodedLogs([{ body: 'it comes' }]));
  await rows.getByText('it comes').waitFor();
  await rows.evaluate((element) => element.scrollTo({ top: 0 }));
  await page.getByRole('button', { name: 'To the end' }).waitFor();
  await store.write(decodedLogs([{ body: 'one more' }, { body: 'and another' }]));
  await page.getByRole('button', { name: '2 new lines' }).waitFor();
  t.equal(await rows.evaluate((element) => element.scrollTop), 0, 'it stands still');
  await page.getByRole('button', { name: '2 new lines' }).click();
  await rows.getByText('and another').waitFor();
  await store.write(decodedLogs(Array.from({ length: 620 }, (_, i) => ({ body: `flood ${i}` }))));
  await rows.getByText('flood 619').waitFor();
  await page.getByText('120 lines skipped, narrow the filter.').waitFor();
  t.same(problems, []);
});

t.test('a tail that is refused says so, tries again by itself, and misses no line', async (t) => {
  const { page, store, origin } = await openPage(t, { path: '/map', fill });
  await page.route('**/api/logs/tail?*', (route) => route.fulfill({ status: 503 }));
  await page.goto(`${origin}/logs?mode=tail`);
  await page.getByText('✗ The explorer refused to send what comes. Connecting …').waitFor();
  await page.route('**/api/logs?*', (route) =>
    route.fulfill({ status: 422, json: { detail: 'No such field.' } }),
  );
  await page.getByText('✗ No such field. Connecting …').waitFor();
  await store.write(decodedLogs([{ body: 'meanwhile' }]));
  await page.unrouteAll();
  await page.getByText('Following what comes.').waitFor();
  await page.locator('.log-rows').getByText('meanwhile').waitFor();
  t.equal(await page.locator('.logs-tail .error-text').count(), 0);
});

t.test('a long list is read page by page as it is scrolled, and never all in the document', async (t) => {
  const { page } = await openPage(t, {
    path: '/logs',
    async fill(store) {
      const lines = Array.from({ length: 3000 }, (_, i) => ({ body: `line ${i}`, time: at(100 - i / 100) }));
      await store.write(decodedLogs(lines));
    },
  });
  const rows = page.locator('.log-rows');
  await rows.getByText('line 2999', { exact: true }).waitFor();
  t.ok((await page.locator('.log-line').count()) < 100);
  const end = async () => {
    await rows.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    return rows.getByText('line 0', { exact: true }).count();
  };
  for (let turn = 0; turn < 200 && (await end()) === 0; turn++) await page.waitForTimeout(100);
  await rows.getByText('line 0', { exact: true }).waitFor();
  t.ok((await page.locator('.log-line').count()) < 100);
});

t.test('without a line it says what to do, and the first one appears by itself', async (t) => {
  const { page, store, violations } = await openPage(t, { path: '/logs' });
  await page.getByText('No log lines yet').waitFor();
  t.same(await violations(), []);
  await store.write(decodedLogs([{ body: 'the first' }]));
  await page.locator('.log-rows').getByText('the first').waitFor();
});
