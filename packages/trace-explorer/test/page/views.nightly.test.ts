import type { Page } from 'playwright-core';
import t from 'tap';
import { storeSpans } from '../spans.ts';
import { openPage } from './browser.ts';
import { lookFaults } from './look-faults.ts';
import { storeHomeTrace } from './trace-fixtures.ts';
import { sendTraffic } from './traffic.ts';

let traceId = '';
let talk = '';
const { page, origin, store, problems, violations, visit } = await openPage(t, {
  path: false,
  async fill(store) {
    await sendTraffic(store, { traces: 120 });
    ({ traceId } = await storeHomeTrace(store, { failing: true, start: Date.now() - 1000 }));
    talk = traceId.replace(/^./, 'a');
    await storeSpans(store, [
      {
        traceId: talk,
        name: 'chat small',
        kind: 3,
        service: 'agent',
        durationMs: 5,
        attributes: {
          'session.id': 'walk-7',
          'gen_ai.operation.name': 'chat',
          'gen_ai.input.messages': JSON.stringify([{ role: 'user', content: 'Which books are here?' }]),
        },
      },
      // Names as long as people give them.
      {
        name: `GET /${'a-very-long-name/'.repeat(8)}:id`,
        kind: 2,
        service: `com.example.${'platform.'.repeat(6)}OrderService`,
      },
    ]);
  },
});

const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click();
  await page.locator('dialog[open], :popover-open').first().waitFor();
};
const more = (name: string) => async (page: Page) => {
  await press('More')(page);
  await page.getByRole('menuitem', { name }).click();
  await page.locator('dialog[open]').waitFor();
};
const firstCause = async (page: Page) => {
  await page.locator('[data-row], .cause-link').first().click();
  await page.waitForURL('**/cause/**');
  await page.locator('h1').first().waitFor();
};

/** Every view and dialog: its path, and what opens it there. */
const LOOKS: readonly (readonly [what: string, path: () => string, open?: (page: Page) => Promise<void>])[] =
  [
    ['overview', () => '/'],
    ['service', () => '/service/activities-api'],
    ['cause', () => '/', firstCause],
    ['traces', () => '/traces'],
    ['traces, live', () => '/traces?live=true'],
    ['traces, nothing fits', () => '/traces?service=nobody'],
    ['logs', () => '/logs'],
    ['map', () => '/map'],
    ['query', () => '/query'],
    ['query, raw rows', () => '/query?panel=rows'],
    ['verify', () => '/verify'],
    ['sampling', () => '/sampling'],
    ['try', () => '/try'],
    ['trace', () => `/trace/${traceId}`],
    ['trace, lines', () => `/trace/${traceId}?logs=list`],
    ['trace that is not there', () => `/trace/${traceId.replace(/^./, 'f')}`],
    ['conversation', () => `/conversation/${talk}`],
    ['the time', () => '/', press(/^Time: /)],
    ['more', () => '/', press('More')],
    ['Go to anything', () => '/', press('Go to anything')],
    ['Pipeline', () => '/', more('Pipeline …')],
    ['Keys', () => '/', more('Keys and signs')],
    ['Import', () => '/', more('Import …')],
    ['Delete', () => '/', more('Delete …')],
  ];

for (const [what, path, open] of LOOKS)
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 1280, 400])
      t.test(`${what}: ${colorScheme}, ${width} pixels`, async (t) => {
        await visit(path(), { colorScheme, width });
        await page.locator('#view > *').first().waitFor();
        await page.waitForLoadState('networkidle').catch(() => {});
        await open?.(page);
        await page.evaluate(() => document.fonts.ready);
        t.same(await lookFaults(page), []);
        t.same(await violations(), []);
        t.same(
          problems.filter((each) => !each.includes('404')),
          [],
        );
      });

t.test('before the first span', async (t) => {
  const empty = await openPage(t, { path: '/' });
  await empty.page.locator('.start-page').waitFor();
  t.same(await lookFaults(empty.page), []);
  t.same(await empty.violations(), []);
});

t.test('a chosen theme is there at once, in each view, and charts follow it', async (t) => {
  await visit('/');
  await press('More')(page);
  await page.locator('label', { hasText: 'Dark' }).click();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.goto(`${origin}/map`);
  t.equal(await ground(), dark);
  t.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.emulateMedia({ colorScheme: 'dark' });
  await press('More')(page);
  await page.locator('label', { hasText: 'Light' }).click();
  t.not(await ground(), dark, 'light where the system is dark');
  await page.locator('label', { hasText: 'System' }).click();
  t.equal(await ground(), dark);
  t.ok(store.stats().spans > 0);
});
