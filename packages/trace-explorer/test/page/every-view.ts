import type { Page } from 'playwright-core';
import { storeSpans } from '../spans.ts';
import type { OpenPage, Test } from './browser.ts';
import { openPage } from './browser.ts';
import { storeHomeTrace } from './trace-fixtures.ts';
import { sendTraffic } from './traffic.ts';

/** A view or a dialog: its name, its path, and what opens it there. */
export type EachView = readonly [what: string, path: () => string, open?: (page: Page) => Promise<void>];

let traceId = '';
let talk = '';

/** A page on a store that has something for every view. */
export function openEveryView(t: Test): Promise<OpenPage> {
  return openPage(t, {
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
}

/** Presses a button that opens something. */
export const press = (name: string | RegExp) => async (page: Page) => {
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

/** Every view and dialog. */
export const EVERY_VIEW: readonly EachView[] = [
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

/** Shows a view, and waits until all of it is there. */
export async function showView(
  { page, visit }: Pick<OpenPage, 'page' | 'visit'>,
  [, path, open]: EachView,
  window?: Parameters<OpenPage['visit']>[1],
): Promise<void> {
  await visit(path(), window);
  await page.locator('#view > *').first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => {});
  await open?.(page);
  await page.evaluate(() => document.fonts.ready);
}
