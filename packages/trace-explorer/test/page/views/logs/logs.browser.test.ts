import type { PlainLogRecord } from '@tandem/otlp/testing';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import type { SpanStore } from '../../../../src/store/types.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { openPage } from '../../browser.ts';
import { shownText } from '../../trace-fixtures.ts';

const [traceId, spanId] = [randomId(16), randomId(8)];
const now = Date.now();
const at = (secondsAgo: number) => BigInt(now - secondsAgo * 1000) * 1_000_000n;

const LINES: readonly PlainLogRecord[] = [
  { service: 'api', time: at(50), severity: 9, body: 'started' },
  {
    service: 'api',
    time: at(40),
    severity: 13,
    body: 'Payment slow',
    attributes: { 'user.id': 'ada', n: 7 },
  },
  {
    service: 'api',
    time: at(30),
    severity: 17,
    body: 'payment refused',
    traceId,
    spanId,
    attributes: {
      'user.id': 'ada',
      'exception.type': 'CardError',
      'exception.message': 'declined',
      'exception.stacktrace': 'CardError: declined\n    at charge (a.ts:1:2)',
    },
  },
  {
    service: 'worker',
    time: at(20),
    severity: 5,
    body: { map: { msg: 'structured', deep: { map: { a: 1 } } } },
  },
  { service: 'worker', time: at(4000), severity: 21, body: 'an hour ago' },
];

async function fill(store: SpanStore): Promise<void> {
  await storeSpans(store, [
    { traceId, spanId, service: 'api', name: 'GET /pay', start: at(31), durationMs: 2000 },
  ]);
  await store.write(decodedLogs(LINES));
}

t.test('all lines, the newest first, narrowed by whatever is chosen; the URL says all of it', async (t) => {
  const { page, origin, problems, violations } = await openPage(t, { path: '/logs', fill });
  const search = () => new URL(page.url()).searchParams;
  const texts = async () =>
    (await page.locator('.log-rows .log-text').allInnerTexts()).map((text) =>
      text.split(/ ·| user\.id=/)[0]?.trim(),
    );
  const shows = async (expected: readonly string[]) => {
    await page.waitForFunction(
      (count) => document.querySelectorAll('.log-rows .log-line').length === count,
      expected.length,
    );
    t.same(await texts(), expected);
  };
  const structured = '{"msg":"structured","deep":{"a":1}}';
  await shows([structured, 'payment refused', 'Payment slow', 'started', 'an hour ago']);
  await page.locator('nav a[aria-current=page]', { hasText: 'Logs' }).waitFor();
  t.match(
    await page.getByRole('img', { name: /lines from/ }).getAttribute('aria-label'),
    /5 lines .*: 2 error, fatal, 1 warn, 2 info and below/,
  );
  await page.getByLabel('Level', { exact: true }).selectOption('warn');
  await shows(['payment refused', 'Payment slow', 'an hour ago']);
  await page.getByLabel('Time', { exact: true }).selectOption('600');
  await shows(['payment refused', 'Payment slow']);
  await page.getByLabel('Text', { exact: true }).fill('PAYMENT');
  await page.keyboard.press('Enter');
  await page.getByLabel('Field = value', { exact: true }).fill('n=7');
  await page.keyboard.press('Enter');
  await shows(['Payment slow']);
  t.equal(search().toString(), 'level=warn&q=PAYMENT&where=n%253D7&last=600');
  await page.reload();
  await shows(['Payment slow']);
  await page.getByRole('button', { name: 'Remove n=7' }).click();
  await shows(['payment refused', 'Payment slow']);
  await page.getByRole('button', { name: '✕ All filters' }).click();
  await page.getByLabel('Service', { exact: true }).selectOption('worker');
  await shows([structured, 'an hour ago']);
  await page.goto(`${origin}/logs?q=nothing+says+this`);
  await page.getByText('No line fits the filters').waitFor();
  await page.goto(`${origin}/logs?where=no.such%3D1`);
  await page.getByText('named "no.such"').waitFor();
  t.same(await violations(), []);
  t.same(
    problems.filter((problem) => !problem.includes('status of 400')),
    [],
  );
});

t.test('a line unfolds into its fields by keyboard, leads to its trace, and to others like it', async (t) => {
  const { page, problems, violations } = await openPage(t, { path: '/logs', fill });
  const rows = page.getByRole('treegrid', { name: 'Log lines' });
  await rows.getByText('payment refused').waitFor();
  await rows.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const open = page.locator('.log-open');
  await open.getByText('CardError', { exact: true }).waitFor();
  t.match(
    await shownText(open),
    /ERROR[\s\S]*payment refused[\s\S]*user\.id[\s\S]*ada[\s\S]*at charge[\s\S]*service\.name/,
  );
  t.same(await violations(), []);
  const url = page.url();
  await page.goto(url);
  await open.getByText('CardError', { exact: true }).waitFor();
  await page.locator('.log-rows [aria-expanded="true"]').getByText('payment refused').waitFor();
  await open.getByRole('button', { name: 'Only lines with user.id = ada' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.log-rows .log-line').length === 2);
  await open.getByRole('link', { name: /In its trace/ }).click();
  await page.waitForURL(new RegExp(`/trace/${traceId}\\?span=${spanId}`));
  await page.locator('.trace-logs [aria-selected="true"]').getByText('payment refused').waitFor();
  t.same(problems, []);
});

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
  t.same(problems, []);
});

t.test('a long list is read page by page as it is scrolled, and never all in the document', async (t) => {
  const { page } = await openPage(t, {
    path: '/logs',
    fill: (store) =>
      store.write(
        decodedLogs(Array.from({ length: 3000 }, (_, i) => ({ body: `line ${i}`, time: at(100 - i / 100) }))),
      ),
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

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`${colorScheme}: nothing for axe to complain of, wide and at 400 pixels`, async (t) => {
    const { page, violations } = await openPage(t, { path: '/logs', colorScheme, fill });
    await page.locator('.log-rows').getByText('payment refused').click();
    await page.locator('.log-open .field-list').first().waitFor();
    t.same(await violations(), []);
    await page.setViewportSize({ width: 400, height: 800 });
    t.same(await violations(), []);
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400, 'nothing sticks out');
    await page.getByLabel('Tail').check();
    await page.getByText('Following what comes.').waitFor();
    t.same(await violations(), []);
  });
}
