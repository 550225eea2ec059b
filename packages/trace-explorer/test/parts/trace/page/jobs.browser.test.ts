import type { Download, Locator, Page } from 'playwright-core';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { demoTraces } from '../../../../testing/demo-data/index.ts';
import type { OpenPage } from '../../../page/browser.ts';
import { openPage } from '../../../page/browser.ts';
import { shownText, storeHomeTrace } from '../../../page/trace-fixtures.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** What a person at work asks of a trace, beside somebody else's 230 services: with the mouse, then by keyboard alone. */

/** Four levels, of which the last one waits for a fault when there is one. */
function checkout(start: number, fault?: string): PlainSpan[] {
  const traceId = randomId(16);
  const ids = [randomId(8), randomId(8), randomId(8), randomId(8)];
  const slow = fault === undefined ? 0 : 200;
  return ['POST /buy', 'buy', 'reserve stock', 'UPDATE stock'].map((name, level) => ({
    traceId,
    spanId: ids[level] ?? '',
    ...(level > 0 && { parentSpanId: ids[level - 1] ?? '' }),
    name,
    service: level < 2 ? 'shop' : 'stock',
    start: BigInt(start + level) * 1_000_000n,
    durationMs: 40 - level * 4 + slow,
    attributes: { 'app.basket': 2, ...(level === 3 && fault !== undefined && { 'tandem.fault': fault }) },
  }));
}

let open: OpenPage;
let failing = '';
let slow = '';
let fast = '';
t.before(async () => {
  open = await openPage(t, {
    path: '/traces?last=600',
    width: 1600,
    height: 900,
    async fill(store) {
      for (const { spans } of demoTraces({ small: true, spans: 400 })) await storeSpans(store, spans);
      failing = (await storeHomeTrace(store, { failing: true, start: Date.now() - 5000 })).traceId;
      const before = checkout(Date.now() - 20_000);
      const after = checkout(Date.now() - 4000, 'database:delay=200');
      await storeSpans(store, [...before, ...after]);
      fast = before[0]?.traceId ?? '';
      slow = after[0]?.traceId ?? '';
    },
  });
});

/** Starts at the list, and counts what a person presses from there. */
async function start(path = '/traces?last=600') {
  const { page, origin } = open;
  await page.goto(origin + path);
  let clicks = 0;
  return {
    page,
    clicks: () => clicks,
    async click(locator: Locator) {
      clicks += 1;
      await locator.click();
    },
    /** Goes to an element with Tab and presses Enter. */
    async enter(locator: Locator) {
      clicks += 1;
      await focusByTab(page, locator);
      await page.keyboard.press('Enter');
    },
  };
}

/** There are a few dozen stops before the rows of a list, and up to two for each of them. */
const MOST_TABS = 400;

async function focusByTab(page: Page, locator: Locator): Promise<void> {
  await locator.waitFor();
  for (let i = 0; i < MOST_TABS; i++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${locator}.`);
}

const linkTo = (page: Page, traceId: string) =>
  page.locator(`a.trace-link[href^="/trace/${traceId}"]`).first();
const cause = (page: Page) => page.locator('.findings button').first();
const stack = (page: Page) => page.locator('.stack', { hasText: 'at findByHandles (repository.ts:31:11)' });

atNight(t).test('why did this request fail: at most three clicks; its stack: three', async (t) => {
  const { page, click, clicks } = await start();
  await click(linkTo(page, failing));
  t.match(await shownText(cause(page)), /failed because of user-lookup/);
  await click(page.locator('.findings button', { hasText: 'database is locked' }));
  t.equal(clicks(), 2);
  t.match(await shownText(page.locator('.span-panel h2')), 'GET /api/users');
  await click(page.getByRole('tab', { name: 'Events 1' }));
  await stack(page).waitFor();
  t.equal(clicks(), 3);
});

if (IS_NIGHT)
  t.test('why did this request fail, by keyboard alone', async (t) => {
    const { page, enter } = await start();
    await enter(linkTo(page, failing));
    await cause(page).waitFor();
    await page.keyboard.press('e');
    t.match(await shownText(page.locator('.span-notices')), 'Error: database is locked');
    await focusByTab(page, page.getByRole('tab', { name: 'Fields' }));
    await page.keyboard.press('ArrowRight');
    await stack(page).waitFor();
  });

const change = /UPDATE stock of stock itself took 20\d ms longer/;
const differing = (page: Page) => page.locator('.field-group.different');

t.test('two traces are compared in four clicks, and by keyboard', async (t) => {
  const { page, click, clicks } = await start();
  await click(linkTo(page, slow));
  await click(page.getByRole('button', { name: 'Compare …' }));
  await click(page.locator('.compare-choice', { hasText: fast.slice(0, 8) }));
  await page.locator('.largest-change').waitFor();
  t.match(await shownText(page.locator('.largest-change')), change);
  await click(page.locator('.largest-change'));
  await differing(page).waitFor();
  t.match(await shownText(differing(page)), /tandem\.fault\s+database:delay=200.*there not set/s);
  t.equal(clicks(), 4);

  if (!IS_NIGHT) return;
  const keys = await start();
  await keys.enter(linkTo(page, slow));
  await keys.enter(page.getByRole('button', { name: 'Compare …' }));
  await keys.enter(page.locator('.compare-choice', { hasText: fast.slice(0, 8) }));
  await keys.enter(page.locator('.largest-change'));
  await differing(page).filter({ hasText: 'tandem.fault' }).waitFor();
  t.equal(keys.clicks(), 4);
});

interface FilePayload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

atNight(t).test('export and import: three clicks, and the trace stays as it was', async (t) => {
  const { page, click, clicks, enter } = await start(`/trace/${failing}`);
  const exported = async (press: () => Promise<void>): Promise<Download> => {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    return download;
  };
  const imported = async (file: string | FilePayload, press: () => Promise<void>) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press()]);
    await chooser.setFiles(file);
    await page.getByText(/^\d+ spans imported from/).waitFor();
  };
  await click(page.getByRole('button', { name: 'Save …' }));
  const file = await (await exported(() => click(page.getByRole('link', { name: 'OTLP JSON' })))).path();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Import …' }).click();
  await imported(file, () => click(page.getByRole('dialog').getByRole('button', { name: 'Choose files …' })));
  await page.keyboard.press('Escape');
  t.ok(clicks() <= 3, 'and two to the dialog');
  await page.reload();
  await page.locator('.span-row').first().waitFor();
  t.match(await shownText(page.locator('.trace-facts')), '8 spans');

  // One of more documents, of which the first is long.
  const span = (name: string) => ({ traceId: failing, spanId: randomId(8), name });
  const large = Array.from({ length: 30 }, () => span('x'.repeat(50_000)));
  const lines = [large, [span('a\u2028b')]].map((spans) => {
    return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  });
  const two = { name: 'two.jsonl', mimeType: 'application/json', buffer: Buffer.from(lines.join('\n')) };
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Import …' }).click();
  await imported(two, () => enter(page.getByRole('dialog').getByRole('button', { name: 'Choose files …' })));
  await page.getByText('31 spans imported from two.jsonl.').waitFor();
});

t.test('the list that a trace was opened from: its place, the next trace, the way back', async (t) => {
  const { page } = await start('/traces?name=POST+%2Fbuy');
  await linkTo(page, slow).click();
  await page.getByText('1 of 2', { exact: true }).waitFor();
  await page.keyboard.press('J');
  await page.getByText('2 of 2', { exact: true }).waitFor();
  t.match(page.url(), `/trace/${fast}`);
  await page.reload();
  await page.getByText('2 of 2', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Previous trace of the list' }).click();
  await page.getByText('1 of 2', { exact: true }).waitFor();
  const splitter = page.getByRole('separator', { name: "Width of the span's details" });
  await splitter.press('ArrowLeft');
  t.equal(await splitter.getAttribute('aria-valuenow'), '408');
  await page.reload();
  await splitter.waitFor();
  t.equal(await splitter.getAttribute('aria-valuenow'), '408', 'it stays as set');
  await page.getByRole('link', { name: 'Traces' }).last().click();
  await page.waitForURL(/\/traces\?name=POST/);
  if (IS_NIGHT) t.same(await open.violations(), []);
  t.same(open.problems, []);
});

t.test('a list that cannot be read says so, and is no "not among them" while it is being read', async (t) => {
  const { page } = await start();
  const answer = Promise.withResolvers<void>();
  await page.route('**/api/traces?*limit=200*', async (route) => {
    await answer.promise;
    await route.abort();
  });
  await page.goto(`${open.origin}/trace/${slow}?from=all`);
  await page.getByText('reading the list …').waitFor();
  answer.resolve();
  await page.getByText('the list could not be read').waitFor();
  await page.unroute('**/api/traces?*limit=200*');
  await page.locator('.span-row').first().waitFor();
  t.equal(await page.locator('.span-row').count(), 4, 'the trace itself is there');
});
