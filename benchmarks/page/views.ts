import type { BrowserContext, Page } from 'playwright-core';
import { demoTraces } from '../../packages/trace-explorer/testing/demo-data/index.ts';
import { demoBodies } from '../../packages/trace-explorer/testing/demo-data/send.ts';
import type { Explorer } from '../lib/explorer-process.ts';

/** Milliseconds after which a page that shows nothing has failed. */
const PATIENCE = 60_000;

/** A view over the demo data. */
interface View {
  readonly path: string;
  /** On screen when there is something to read. */
  readonly ready: string;
  /** What scrolls; the page itself where nothing else does. */
  readonly scrolled: string;
}

/** What the trace view shows of a span. */
export const GRID_CELL = '[role="row"] [role="gridcell"]';

const VIEWS = {
  overview: { path: '/', ready: '.overview-totals', scrolled: '.view' },
  list: { path: '/traces', ready: '.trace-link', scrolled: '.table-scroller' },
  live: { path: '/live', ready: '.live-row', scrolled: '.view' },
  map: { path: '/map', ready: '.map-node', scrolled: '.view' },
  logs: { path: '/logs', ready: '.log-line .log-time', scrolled: '.log-rows' },
  trace: { path: '/trace/', ready: GRID_CELL, scrolled: '[role="treegrid"]' },
} as const satisfies Record<string, View>;

export interface ViewFigures {
  /** Milliseconds from the start of the navigation, nothing cached, of each try. */
  readonly shown: readonly number[];
  /** Longest task until half a second after that, milliseconds; 0 when none took 50. */
  readonly longest: number;
  /** Longest task while it was scrolled. */
  readonly scrolling: number;
}

const TRIES = 6;
/** Of these, the last ones that are also scrolled. */
const SCROLLED = 1;

/** The start view, the lists, the map and the largest trace of 230 services, in a store that holds nothing else. */
export async function measureViews(
  context: BrowserContext,
  explorer: Explorer,
): Promise<Record<keyof typeof VIEWS, ViewFigures>> {
  const { trace } = await fillWithDemo(explorer);
  return {
    overview: await measureView(context, explorer, VIEWS.overview),
    list: await measureView(context, explorer, VIEWS.list),
    live: await measureView(context, explorer, VIEWS.live),
    map: await measureView(context, explorer, VIEWS.map),
    logs: await measureView(context, explorer, VIEWS.logs),
    trace: await measureView(context, explorer, { ...VIEWS.trace, path: trace }),
  };
}

/** Sends the demo data. Resolves to the paths of the views over it. */
export async function fillWithDemo(explorer: Explorer): Promise<Record<keyof typeof VIEWS, string>> {
  for (const { path, body } of demoBodies(demoTraces())) await explorer.post(body, path);
  const { overview, list, live, map, logs, trace } = VIEWS;
  return {
    overview: overview.path,
    list: list.path,
    live: live.path,
    map: map.path,
    logs: logs.path,
    trace: trace.path + (await largestTrace(explorer)),
  };
}

async function largestTrace(explorer: Explorer): Promise<string> {
  const answer = await fetch(`${explorer.origin}/api/traces?limit=200`);
  const { traces } = (await answer.json()) as { traces: { trace_id: string; spans: number }[] };
  const [largest] = traces.toSorted((a, b) => b.spans - a.spans);
  if (largest === undefined) throw new Error('The explorer lists no traces.');
  return largest.trace_id;
}

async function measureView(context: BrowserContext, explorer: Explorer, view: View): Promise<ViewFigures> {
  const shown: number[] = [];
  let longest = 0;
  let scrolling = 0;
  for (let i = 0; i < TRIES; i++) {
    const page = await context.newPage();
    await watchTasks(page);
    const session = await context.newCDPSession(page);
    await session.send('Network.clearBrowserCache');
    await watchShown(page, view.ready);
    await page.goto(explorer.origin + view.path);
    const at = await shownAt(page);
    // The first one also starts the browser's renderer.
    if (i > 0) shown.push(at);
    await page.waitForTimeout(500);
    longest = Math.max(longest, await longestTask(page));
    if (i < TRIES - SCROLLED) {
      await page.close();
      continue;
    }
    await page.waitForTimeout(1000);
    await longestTask(page);
    await page.locator(view.scrolled).first().hover();
    for (let step = 0; step < 40; step++) {
      await page.mouse.wheel(0, step < 20 ? 200 : -200);
      await page.waitForTimeout(16);
    }
    await page.waitForTimeout(300);
    scrolling = Math.max(scrolling, await longestTask(page));
    await page.close();
  }
  const median = shown.toSorted((a, b) => a - b)[Math.floor(shown.length / 2)] ?? Number.NaN;
  console.error(`  ${view.path} after ${Math.round(median)} ms`);
  return { shown, longest, scrolling };
}

/** Notes when something comes on screen in a page that is about to be opened. */
export async function watchShown(page: Page, selector: string): Promise<void> {
  await page.addInitScript((wanted) => {
    const look = () => {
      if (document.querySelector(wanted) === null) return void requestAnimationFrame(look);
      // What this frame shows is on screen when the next one begins.
      requestAnimationFrame(() => Reflect.set(globalThis, 'shownAt', performance.now()));
    };
    requestAnimationFrame(look);
  }, selector);
}

/** Milliseconds of the page's clock at which that was on screen. Throws when it does not come. */
export async function shownAt(page: Page): Promise<number> {
  const at = await page.waitForFunction(
    () => Reflect.get(globalThis, 'shownAt') as number | undefined,
    null,
    {
      timeout: PATIENCE,
      polling: 50,
    },
  );
  return Number(await at.jsonValue());
}

/** Counts long tasks of a page that is about to be opened. */
export async function watchTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const blocks: number[] = [];
    Reflect.set(globalThis, 'blocks', blocks);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) blocks.push(entry.duration);
    }).observe({ type: 'longtask' });
  });
}

/** The longest of those since it was last asked, milliseconds; 0 when none took 50. */
export async function longestTask(page: Page): Promise<number> {
  const blocks = await page.evaluate(() => (Reflect.get(globalThis, 'blocks') as number[]).splice(0));
  return Math.round(Math.max(0, ...blocks));
}
