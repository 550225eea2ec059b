import type { Page } from 'playwright-core';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import { randomId, storeSpans } from '../spans.ts';
import type { OpenPage, OpenPageOptions } from './browser.ts';
import { openPage } from './browser.ts';
import { hasFocus } from './focus.ts';
import { sendTraffic } from './traffic.ts';

const traceId = randomId(16);
const spanId = randomId(8);
const HEADER = `Server-Timing: traceparent;desc="00-${traceId}-${spanId}-01"`;

/** Requests of the pair, and one trace that a response header names. */
const requests: OpenPageOptions = {
  path: false,
  explorer: { apiUrl: 'http://127.0.0.1:9' },
  fill: async (store) => {
    await sendTraffic(store, { traces: 120 });
    await storeSpans(store, [{ traceId, spanId, name: 'GET /wanted', kind: 2, service: 'activities-api' }]);
  },
};

const open = await openPage(t, requests);
const { page, origin, store, problems, violations } = open;

/** Shows the list of traces, to somebody who has copied the header; counts the clicks from then on. */
async function start({ page, context, origin, visit }: OpenPage) {
  await visit('/traces');
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  await page.evaluate((text) => navigator.clipboard.writeText(text), HEADER);
  await page.locator('nav a[aria-current=page]').waitFor();
  return countClicks(page);
}

/** Clicks since the page was opened, each of them by what it said. */
function countClicks(page: Page) {
  const said: string[] = [];
  return {
    said,
    async click(role: 'button' | 'link' | 'menuitem', name: string | RegExp) {
      said.push(String(name));
      await page.getByRole(role, { name }).first().click();
    },
  };
}

const isAt = (page: Page, path: RegExp) => page.waitForURL((url) => path.test(url.pathname + url.search));

atNight(t).test('the trace of a response header: one paste, anywhere or into the box', async (t) => {
  await start(open);
  await page.keyboard.press('Control+V');
  await isAt(page, new RegExp(`^/trace/${traceId}\\?span=${spanId}(&from=|$)`));
  await page.getByRole('heading', { name: 'GET /wanted' }).first().waitFor();

  await page.goto(`${origin}/map`);
  await page.locator('nav a[aria-current=page]').waitFor();
  await page.keyboard.press('g');
  const box = page.getByRole('combobox', { name: 'Trace, link, service, route or query' });
  await box.waitFor();
  await page.locator('[role=option]').first().waitFor();
  t.same(await violations(), []);
  await page.keyboard.press('Control+V');
  await isAt(page, new RegExp(`^/trace/${traceId}`));

  await page.getByRole('button', { name: /^Go to/ }).click();
  await box.fill('no such thing');
  t.match(await page.getByRole('alert').textContent(), /Nothing is named “no such thing”\./);
  if (IS_NIGHT) t.same(await violations(), []);
  await box.fill('/home');
  await page.getByRole('option', { name: /^GET \/api\/activities\/home route activities-api/ }).waitFor();
  await page.keyboard.press('Enter');
  await isAt(page, /^\/query\?.*activities%2Fhome/);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await box.fill(`${origin}/traces?errors=true`);
  await page.keyboard.press('Enter');
  await isAt(page, /^\/traces\?errors=true$/);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await box.fill(traceId.slice(0, 9));
  await page.keyboard.press('Enter');
  await isAt(page, new RegExp(`^/trace/${traceId}`));
  t.same(problems, []);
});

atNight(t).test(
  'requests over 300 ms by route in the last hour: three clicks, or g and a name',
  async (t) => {
    const clicks = await start(open);
    const answer = page.getByRole('cell', { name: '/api/activities/home' });
    await clicks.click('link', 'Query');
    await clicks.click('button', /^Saved/);
    await clicks.click('menuitem', /^Requests over 300 ms, by route/);
    await answer.waitFor();
    t.equal(clicks.said.length, 3);
    t.match(new URL(page.url()).searchParams.get('query'), '"time_range":3600');

    await page.goto(`${origin}/map`);
    await page.locator('nav a[aria-current=page]').waitFor();
    await page.keyboard.press('g');
    await page.getByRole('combobox', { name: /^Trace, link/ }).waitFor();
    await page.keyboard.type('over 300');
    await page.keyboard.press('Enter');
    await answer.waitFor();
    t.same(problems, []);
  },
);

t.test('delete everything: three clicks, or the keyboard, and Enter held down deletes nothing', async (t) => {
  const emptied = await openPage(t, requests);
  const { page, store, problems, violations } = emptied;
  const clicks = await start(emptied);
  const menu = page.getByRole('button', { name: 'More' });
  const openByKeys = async () => {
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Delete …' }).press('Enter');
    await page.getByRole('dialog').waitFor();
  };
  await openByKeys();
  t.same(await violations(), []);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.ok(store.stats().spans > 500, 'Cancel has the focus');
  await hasFocus(menu);

  await clicks.click('button', 'More');
  await clicks.click('menuitem', 'Delete …');
  await page.getByRole('radio', { name: /^Everything/ }).check();
  await clicks.click('button', 'Delete everything');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.equal(clicks.said.length, 3, 'and the choice');
  t.equal(store.stats().spans, 0);

  await storeSpans(store, [{ service: 'again' }]);
  await openByKeys();
  await page.getByRole('radio', { name: /^Traces whose/ }).focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('button', { name: 'Delete everything' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.equal(store.stats().spans, 0);
  t.same(problems, []);
});

t.test('one trace is deleted where it is shown', async (t) => {
  const unwanted = randomId(16);
  await storeSpans(store, [{ traceId: unwanted, name: 'GET /unwanted', kind: 2, service: 'activities-api' }]);
  const clicks = await start(open);
  const before = store.stats().spans;
  await page.goto(`${origin}/trace/${unwanted}`);
  await page.getByRole('heading', { name: 'GET /unwanted' }).first().waitFor();
  await clicks.click('button', 'More');
  await clicks.click('menuitem', 'Delete …');
  await clicks.click('button', 'Delete this trace');
  await isAt(page, /^\/traces/);
  t.equal(store.stats().spans, before - 1);
});

t.test('colours are those of the system, and forced colours show the selection', async (t) => {
  await start(open);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  t.equal(await ground(), 'rgb(250, 250, 249)');
  await page.emulateMedia({ colorScheme: 'dark' });
  t.equal(await ground(), 'rgb(13, 14, 16)');
  if (IS_NIGHT) t.same(await violations(), []);
  await page.emulateMedia({ forcedColors: 'active' });
  const line = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).borderBottomColor);
  t.not(await line('nav a[aria-current=page]'), await line('nav a:not([aria-current=page])'));
  await page.keyboard.press('g');
  await page.locator('[role=option]').nth(1).waitFor();
  await page.keyboard.press('ArrowDown'); // nothing is chosen in an empty box
  const shade = (selected: boolean) =>
    page
      .locator(`[role=option][aria-selected=${selected}]`)
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor);
  t.not(await shade(true), await shade(false), 'the chosen option stands out');
  t.same(problems, []);
});

t.test('with text of twice the size nothing sticks out and rows grow with it', async (t) => {
  await open.visit('/', { width: 640, height: 400 });
  await page.locator('.overview-totals').waitFor();
  t.ok(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    '200 % zoom of 1280 × 800',
  );
  t.equal(
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '32px';
      return getComputedStyle(document.body).fontSize;
    }),
    '26px',
  );
});
