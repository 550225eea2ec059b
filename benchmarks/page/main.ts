import type { BrowserContext, Page } from 'playwright-core';
import { pageBundle } from '../../packages/trace-explorer/src/page-server/bundle.ts';
import { openBrowser } from '../../packages/trace-explorer/test/page/browser.ts';
import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import { figureRows, recordMeasurements } from '../lib/measurements.ts';
import { largeTrace, traffic } from './spans.ts';
import { GRID_CELL, longestTask, measureViews, shownAt, watchTasks } from './views.ts';

/** Figures of the explorer's page in a real Chromium, over an explorer of its own. SPANS fills its store (1,000,000). */
export default async function page(): Promise<void> {
  const endings: (() => unknown)[] = [];
  const t = { teardown: (end: () => unknown) => void endings.push(end) };
  try {
    const context = await openBrowser(t);
    say('Start view, lists, map and a trace of 230 services …');
    const views = await measureViews(context, await startExplorer(t));
    const explorer = await startExplorer(t);
    const small = traffic(8000, nanoseconds(Date.now() - 540_000), 67_000_000n);
    await explorer.post(small.body);
    const bundle = await bundleSizes();
    say('First view …');
    const firstView = await measureFirstView(context, explorer.origin);
    say('Live view …');
    const visible = await measureVisible(context, explorer);
    say('A trace of 100,000 spans …');
    const trace = await measureLargeTrace(context, explorer);
    const spans = Number(process.env.SPANS ?? 1_000_000);
    say(`Heatmap of ${spans} spans …`);
    const heatmap = await measureHeatmap(context, explorer, spans);
    const figures = {
      'what the query view, the largest, loads first, gzip KB (at most 80)': bundle.first,
      'all views together, gzip KB': bundle.all,
      'first view to its heatmap, nothing cached, ms, median (at most 300)': quantile(firstView, 0.5),
      'overview of 230 services, nothing cached, ms, median (at most 300)': quantile(
        views.overview.shown,
        0.5,
      ),
      'list of traces of 230 services, the same (at most 500)': quantile(views.list.shown, 0.5),
      'map of 230 services, the same (at most 500)': quantile(views.map.shown, 0.5),
      'map of 230 services: longest task, ms (at most 300)': views.map.longest,
      'those, live view and largest trace, scrolled: longest task, ms (at most 50)': Math.max(
        ...Object.values(views).map(({ scrolling }) => scrolling),
      ),
      'POST to visible on the open live view, ms, p95 (at most 500)': quantile(visible, 0.95),
      'trace of 100,000 spans: first rows, ms, median (at most 1,000)': quantile(trace.paints, 0.5),
      'the same, scrolled: longest task, ms (at most 50)': trace.longest,
      [`heatmap of ${spans} spans on screen after Run, ms, median (at most 300)`]: quantile(heatmap, 0.5),
      'the same, p95': quantile(heatmap, 0.95),
    };
    console.table(figures);
    recordMeasurements({
      title: 'Page: from the request to the picture',
      command: spans === 1_000_000 ? 'node tandem bench page' : `SPANS=${spans} node tandem bench page`,
      tables: [figureRows(figures)],
      notes: ['Chromium without a graphics card, on the machine that also runs the explorer.'],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** Apart from the figures, so that these can be piped. */
function say(text: string): void {
  console.error(text);
}

async function bundleSizes() {
  const bundle = await pageBundle();
  const kilobytes = (names: readonly string[]) =>
    Number(
      (names.reduce((sum, name) => sum + (bundle.assets.get(name)?.gzip.length ?? 0), 0) / 1024).toFixed(1),
    );
  const names = [...bundle.assets.keys()].filter((name) => !name.endsWith('.map'));
  return {
    all: kilobytes(names),
    first: kilobytes([bundle.script, bundle.styles, ...bundle.preloads('query')]),
  };
}

/** From the start of the navigation to the drawn heatmap, with an empty cache each time. */
async function measureFirstView(context: BrowserContext, origin: string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < 12; i++) {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.clearBrowserCache');
    await page.goto(`${origin}/query`);
    times.push(await drawnAfter(page, 0));
    await page.close();
  }
  // The first one also starts the browser's renderer.
  return times.slice(2);
}

/** Milliseconds of the page's clock at which a heatmap was on screen that was drawn after `since`. */
function drawnAfter(page: Page, since: number): Promise<number> {
  return page.evaluate(async (after) => {
    const late = (entries: PerformanceEntry[]) => entries.find((entry) => entry.startTime > after);
    await new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error('no heatmap within a minute')), 60_000);
      if (late(performance.getEntriesByName('heatmap drawn'))) return resolve();
      new PerformanceObserver((list, observer) => {
        if (!late(list.getEntriesByName('heatmap drawn'))) return;
        observer.disconnect();
        resolve();
      }).observe({ type: 'mark' });
    });
    await new Promise(requestAnimationFrame);
    return performance.now();
  }, since);
}

async function measureVisible(context: BrowserContext, explorer: Explorer): Promise<number[]> {
  const page = await context.newPage();
  await page.goto(`${explorer.origin}/live`);
  await page.evaluate(() => {
    const seen: Record<string, number> = {};
    Reflect.set(globalThis, 'seen', seen);
    new MutationObserver(() => {
      for (const link of document.querySelectorAll('a[href^="/trace/"]')) {
        const id = (link.getAttribute('href') ?? '').slice(7, 39);
        seen[id] ??= Date.now();
      }
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await page.waitForTimeout(1000);
  const times: number[] = [];
  for (let i = 0; i < 40; i++) {
    const { body, traceIds } = traffic(8, nanoseconds(Date.now()), 1000n);
    const posted = Date.now();
    await explorer.post(body);
    const handle = await page.waitForFunction((id) => Reflect.get(globalThis, 'seen')[id], traceIds[0] ?? '');
    times.push(Number(await handle.jsonValue()) - posted);
    await page.waitForTimeout(60 + Math.random() * 120);
  }
  await page.close();
  return times;
}

async function measureLargeTrace(context: BrowserContext, explorer: Explorer) {
  const { bodies, traceId } = largeTrace(100_000, nanoseconds(Date.now() - 60_000));
  for (const body of bodies) await explorer.post(body);
  const paints: number[] = [];
  let longest = 0;
  for (let i = 0; i < 5; i++) {
    const page = await context.newPage();
    await watchTasks(page);
    await page.goto(`${explorer.origin}/trace/${traceId}`);
    paints.push(await shownAt(page, GRID_CELL));
    await page.waitForTimeout(500);
    await longestTask(page);
    await page.locator(GRID_CELL).nth(4).hover();
    for (let step = 0; step < 60; step++) {
      await page.mouse.wheel(0, step < 40 ? 400 : 20_000);
      await page.waitForTimeout(16);
    }
    await page.waitForTimeout(500);
    longest = Math.max(longest, await longestTask(page));
    await page.close();
  }
  return { paints, longest };
}

async function measureHeatmap(context: BrowserContext, explorer: Explorer, spans: number): Promise<number[]> {
  const seconds = 500;
  const step = (BigInt(seconds) * 1_000_000_000n) / BigInt(spans);
  const start = nanoseconds(Date.now() - seconds * 1000);
  for (let made = 0; made < spans; made += 4096) {
    await explorer.post(traffic(Math.min(4096, spans - made), start + step * BigInt(made), step).body);
  }
  const page = await context.newPage();
  await page.goto(`${explorer.origin}/query`);
  await drawnAfter(page, 0);
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const clicked = await page.evaluate(() => {
      const run = [...document.querySelectorAll('button')].find((each) => each.textContent === 'Run query');
      const now = performance.now();
      run?.click();
      return now;
    });
    times.push((await drawnAfter(page, clicked)) - clicked);
    await page.waitForTimeout(100);
  }
  await page.close();
  return times;
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds)) * 1_000_000n;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN);
}
