import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { openPage } from '../../browser.ts';
import { eachLook, pageWidth } from '../../looks.ts';
import { shownText } from '../../trace-fixtures.ts';
import { openTrace } from './open-trace.ts';

const traceId = randomId(16);
const root = randomId(8);
const start = BigInt(Date.now() - 60_000) * 1_000_000n;
const child = (name: string, at: number, durationMs: number, more: Partial<PlainSpan> = {}): PlainSpan => ({
  traceId,
  spanId: randomId(8),
  parentSpanId: root,
  name,
  start: start + BigInt(at * 1e6),
  durationMs,
  ...more,
});
const selects = Array.from({ length: 12 }, (_, i) =>
  child('SELECT users', 10 + i * 3, 2, { attributes: { row: `row ${i}`, 'db.system.name': 'sqlite' } }),
);
const { page, origin, problems, violations } = await openPage(t, {
  path: false,
  fill: (store) =>
    storeSpans(store, [
      { traceId, spanId: root, name: 'GET /', kind: 2, start, durationMs: 100 },
      ...selects,
      child('render', 60, 5),
    ]),
});
const rows = page.locator('.span-row');
const open = async (search = '') => {
  await page.goto(`${origin}/trace/${traceId}${search}`);
  await rows.first().waitFor();
};
const group = page.getByRole('row', { name: /^12 times SELECT users/ });

t.test(
  'equal neighbours are one row, which says how long they took from first to last, and in sum',
  async (t) => {
    await open();
    await group.getByText(/^35(?:\.0)? ms \(24(?:\.0)? ms in sum\)$/).waitFor();
    t.match(await group.textContent(), /12 × SELECT users/);
    await open('?columns=row,db.system.name');
    t.equal(await rows.count(), 3);
    t.match(
      await group.getAttribute('aria-label'),
      /35(?:\.0)? ms from the first’s start to the last’s end, 24(?:\.0)? ms in sum/,
    );
    await group.getByText('sqlite').waitFor();
    await group.getByText('various').waitFor();
    t.equal(await group.getAttribute('aria-expanded'), 'false');
    if (IS_NIGHT) t.same(await violations(), []);
  },
);

t.test('it opens and closes by mouse and by key, and the link knows', async (t) => {
  await page.getByRole('button', { name: 'Show 12 equal spans one by one' }).click();
  await rows.nth(13).waitFor();
  t.ok(new URL(page.url()).searchParams.has('fold'));
  if (IS_NIGHT) t.same(await violations(), []);
  await page.reload();
  await rows.nth(13).waitFor();
  await page.getByRole('button', { name: 'Show these 12 equal spans as one' }).click();
  await group.waitFor();
  await page.locator('[role="treegrid"]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await rows.nth(13).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  await group.waitFor();
  t.equal(await group.getAttribute('aria-selected'), 'true', 'the focus is on the group');
  await page.keyboard.press('u');
  await rows.nth(13).waitFor();
  t.equal(
    await page.getByRole('button', { name: 'Equal spans as one', exact: true }).getAttribute('aria-pressed'),
    'false',
  );
  await page.getByRole('button', { name: 'Equal spans as one', exact: true }).click();
  await group.waitFor();
});

t.test('a search, or a link to one of its spans, opens it', async (t) => {
  await page.getByRole('searchbox', { name: 'Search spans' }).fill('row 7');
  await rows.nth(13).waitFor();
  await open(`?span=${selects[4]?.spanId}`);
  await rows.nth(13).waitFor();
  t.equal(await page.locator('.span-row.selected').count(), 1);
});

t.test('in the dark at 400 pixels it is legible', async (t) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 400, height: 800 });
  await open();
  await group.waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  t.same(problems, []);
});

t.test('light and dark, wide and at 400 pixels: nothing for axe to complain of', async (t) => {
  const { page, ids, goto, violations, problems } = await openTrace(t, {
    trace: { failing: true, skewMs: 700, extra: [{ name: 'orphan', parentSpanId: '1234567890abcdef' }] },
  });
  const others = ['', `?span=${ids.data}&tab=links`, `?span=${ids.users}&tab=durations`];
  const wide = [
    `?span=${ids.users}&columns=user.id&path=critical`,
    `?span=${ids.users}&tab=events&q=users`,
    `?span=${ids.users}&tab=otlp&depth=1`,
    ...(IS_NIGHT ? others : []),
  ];
  await eachLook(page, async ({ width }, look) => {
    for (const place of width === 400 ? [`?span=${ids.users}`] : wide) {
      await goto(place);
      await page.waitForTimeout(150);
      t.same(await violations(), [], `${look}: ${place}`);
      t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
    }
  });
  const sheet = await page.locator('.span-panel').boundingBox();
  t.ok(sheet !== null && sheet.y < 500 && sheet.y + sheet.height <= 801, 'the panel is in sight at once');
  await page.keyboard.press('?');
  t.same(await violations(), [], 'the list of keys');
  await page.emulateMedia({ forcedColors: 'active' });
  const bar = page.locator('.bar').first();
  const background = await bar.evaluate((element) => getComputedStyle(element).backgroundColor);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  t.not(background, ground, 'high contrast leaves the bars');
  t.same(problems, []);
});

t.test('source link.browser', async (t) => {
  const traceId = randomId(16);
  const source = {
    'code.file.path': '/work/a service/src/users.ts',
    'code.line.number': 12,
    'code.function.name': 'listUsers',
  };
  const { page, origin, problems, violations } = await openPage(t, {
    path: false,
    fill: (store) =>
      storeSpans(store, [{ traceId, spanId: randomId(8), name: 'GET /users', kind: 2, attributes: source }]),
  });

  t.test('a span leads to the line of its source, by keyboard too', async (t) => {
    await page.goto(`${origin}/trace/${traceId}`);
    await page.locator('.span-row').first().click();
    const link = page.getByRole('link', { name: 'src/users.ts:12' });
    await link.waitFor();
    t.equal(await link.getAttribute('href'), 'vscode://file/work/a%20service/src/users.ts:12');
    t.match(await shownText(page.locator('.source-link')), 'listUsers');
    await link.focus();
    t.ok(await link.evaluate((element) => element === document.activeElement));
    if (IS_NIGHT) t.same(await violations(), []);
    await page.emulateMedia({ colorScheme: 'dark' });
    if (IS_NIGHT) t.same(await violations(), []);
    t.same(problems, []);
  });
});
