import type { BrowserContext, Page } from 'playwright-core';
import { demoTraces } from '../../packages/trace-explorer/testing/demo-data/index.ts';
import { demoBodies } from '../../packages/trace-explorer/testing/demo-data/send.ts';
import type { Explorer } from '../lib/explorer-process.ts';

/** Milliseconds after which a page that shows nothing has failed. */
const TIMEOUT_MS = 60_000;
const TRIES = 6;

/** A view of the page. */
export interface View {
  readonly path: string;
  /** On screen when there is something to read. */
  readonly ready: string;
  /** The element that scrolls; the page itself when no other element does. */
  readonly scrolled: string;
}

/** A cell of a span's row in the trace view. */
export const GRID_CELL = '[role="row"] [role="gridcell"]';

/** The views over the demo data, and in how many milliseconds each is to be on screen. */
export const VIEWS = {
  overview: { path: '/', ready: '.overview-totals', scrolled: '.view', limit: 300 },
  list: { path: '/traces', ready: '.trace-link', scrolled: '.table-scroller', limit: 500 },
  live: { path: '/traces?live=true', ready: '.trace-link', scrolled: '.table-scroller', limit: 500 },
  map: { path: '/map', ready: '.map-node', scrolled: '.view', limit: 500 },
  logs: { path: '/logs', ready: '.log-line .log-time', scrolled: '.log-rows', limit: 500 },
  trace: { path: '/trace/', ready: GRID_CELL, scrolled: '[role="treegrid"]', limit: 500 },
} as const satisfies Record<string, View & { readonly limit: number }>;

export interface ViewFigures {
  /** Milliseconds from the start of the navigation, nothing cached, of the first try, and of each later one. */
  readonly first: number;
  readonly shown: readonly number[];
  /** Longest task while it was scrolled; 0 when none took 50. */
  readonly scrolling: number;
}

/** Sends the demo data. Resolves to the id of its largest trace. */
export async function fillWithDemo(explorer: Explorer): Promise<string> {
  for (const { path, body } of demoBodies(demoTraces())) await explorer.post(body, path);
  const answer = await fetch(`${explorer.origin}/api/traces?limit=200`);
  const { traces } = (await answer.json()) as { traces: { trace_id: string; spans: number }[] };
  const [largest] = traces.toSorted((a, b) => b.spans - a.spans);
  if (largest === undefined) throw new Error('The explorer lists no traces.');
  return largest.trace_id;
}

/** Opens a view several times, and scrolls it in the end. */
export async function measureView(
  context: BrowserContext,
  { origin }: Explorer,
  { path, ready, scrolled }: View,
): Promise<ViewFigures> {
  const all: number[] = [];
  let scrolling = 0;
  for (let number = 1; number <= TRIES; number++) {
    const page = await context.newPage();
    await watch(page, ready);
    const session = await context.newCDPSession(page);
    await session.send('Network.clearBrowserCache');
    await page.goto(origin + path);
    all.push(await shownAt(page));
    if (number === TRIES) scrolling = await scroll(page, scrolled);
    await page.close();
  }
  const [first = Number.NaN, ...shown] = all;
  return { first, shown, scrolling };
}

/** Notes when something comes on screen, and long tasks, in a page that is about to be opened. */
async function watch(page: Page, ready: string): Promise<void> {
  await page.addInitScript((wanted) => {
    const look = () => {
      if (document.querySelector(wanted) === null) return void requestAnimationFrame(look);
      // The content of this frame is on screen when the next frame begins.
      requestAnimationFrame(() => Reflect.set(globalThis, 'shownAt', performance.now()));
    };
    requestAnimationFrame(look);
    const tasks: number[] = [];
    Reflect.set(globalThis, 'tasks', tasks);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  }, ready);
}

/** Milliseconds of the page's clock at which that was on screen. Throws when it does not come. */
async function shownAt(page: Page): Promise<number> {
  const find = () => Reflect.get(globalThis, 'shownAt') as number | undefined;
  const at = await page.waitForFunction(find, null, { timeout: TIMEOUT_MS, polling: 50 });
  return Number(await at.jsonValue());
}

/** Milliseconds of the longest task meanwhile. */
async function scroll(page: Page, scrolled: string): Promise<number> {
  const takeTasks = () => page.evaluate(() => (Reflect.get(globalThis, 'tasks') as number[]).splice(0));
  await page.waitForTimeout(1500);
  await takeTasks();
  await page.locator(scrolled).first().hover();
  for (let step = 0; step < 60; step++) {
    await page.mouse.wheel(0, step < 20 ? 400 : step < 40 ? 20_000 : -200);
    await page.waitForTimeout(16);
  }
  await page.waitForTimeout(500);
  return Math.round(Math.max(0, ...(await takeTasks())));
}
