import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { pageBundle } from '../../packages/trace-explorer/src/page-server/bundle.ts';
import { openBrowser } from '../../packages/trace-explorer/test/page/browser.ts';
import { UsageError } from '../../scripts/lib/arguments.ts';
import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { auditViews } from './lighthouse.ts';
import { measureLogLines } from './logs.ts';
import { largeTrace, traffic } from './spans.ts';
import {
  fillWithDemo,
  GRID_CELL,
  longestTask,
  measureViews,
  shownAt,
  watchShown,
  watchTasks,
} from './views.ts';

const PARTS = ['services', 'views', 'trace', 'logs', 'heatmap', 'lighthouse'] as const;

/** A figure, and what it is at most. */
interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly limit?: number;
}

/** The options it takes. */
export const usage = `[PART …: ${PARTS.join(', ')}]`;

/**
 * Figures of the explorer's page in a real Chromium, over explorers of its own: with the 230 services of the demo data, with
 * small stores, with a trace of 100,000 spans, with LINES log lines and SPANS spans (1,000,000 each). Those of some
 * parts alone are not recorded.
 */
export default async function page(): Promise<void> {
  const { positionals } = parseArgs({ args: process.argv.slice(3), allowPositionals: true });
  const unknown = positionals.find((name) => !PARTS.some((each) => each === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no part ${unknown}; there are: ${PARTS.join(', ')}.`);
  const wanted = new Set(positionals.length === 0 ? PARTS : positionals);
  const endings: (() => unknown)[] = [];
  const t = { teardown: (end: () => unknown) => void endings.push(end) };
  const spans = Number(process.env.SPANS ?? 1_000_000);
  try {
    const context = await openBrowser(t);
    const figures: Figure[] = [];
    if (wanted.has('services')) figures.push(...(await servicesPart(context, await startExplorer(t))));
    if (wanted.has('views')) figures.push(...(await viewsPart(context, await startExplorer(t))));
    if (wanted.has('trace')) figures.push(...(await tracePart(context, await startExplorer(t))));
    if (wanted.has('logs')) figures.push(...(await logsPart(context, await startExplorer(t))));
    const audited = wanted.has('lighthouse') ? await lighthousePart(await startExplorer(t)) : [];
    if (wanted.has('heatmap')) figures.push(...(await heatmapPart(context, await startExplorer(t), spans)));
    const rows = figures.map(({ figure, value, limit }) => ({
      figure,
      measured: value,
      'at most': limit ?? '–',
      kept: limit === undefined ? '–' : value <= limit ? 'yes' : 'NO',
    }));
    if (rows.length > 0) console.table(rows);
    if (audited.length > 0) console.table(audited);
    if (positionals.length > 0) return;
    recordMeasurements({
      title: 'Page: from the request to the picture',
      command: spans === 1_000_000 ? 'node tandem bench page' : `SPANS=${spans} node tandem bench page`,
      tables: [rows, audited],
      notes: [
        'Chromium without a graphics card, on the machine that also runs the explorer. Times are medians in milliseconds, from the start of the navigation until the first frame that shows it, with an empty cache each time.',
        'A longest task of 0: none took 50 ms, below which browsers do not tell.',
        'Lighthouse: scores of 0 to 100, each view with the demo data.',
        '230 services: the demo data, in a store that holds nothing else.',
      ],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function servicesPart(context: BrowserContext, explorer: Explorer): Promise<Figure[]> {
  say('Start view, lists, map and a trace of 230 services …');
  const views = await measureViews(context, explorer);
  const shown = (name: keyof typeof views) => quantile(views[name].shown, 0.5);
  return [
    { figure: 'overview of 230 services', value: shown('overview'), limit: 300 },
    { figure: 'list of traces of 230 services', value: shown('list'), limit: 500 },
    { figure: 'live view of 230 services', value: shown('live'), limit: 500 },
    { figure: 'map of 230 services', value: shown('map'), limit: 500 },
    { figure: 'log lines of 230 services', value: shown('logs'), limit: 500 },
    { figure: 'largest trace of 230 services', value: shown('trace'), limit: 500 },
    { figure: 'map of 230 services: longest task', value: views.map.longest, limit: 300 },
    ...Object.entries(views).map(([name, { scrolling }]) => ({
      figure: `${name} of 230 services, scrolled: longest task`,
      value: scrolling,
      limit: 50,
    })),
  ];
}

async function viewsPart(context: BrowserContext, explorer: Explorer): Promise<Figure[]> {
  await explorer.post(traffic(8000, nanoseconds(Date.now() - 540_000), 67_000_000n).body);
  const bundle = await bundleSizes();
  say('First view …');
  const firstView = await measureFirstView(context, explorer.origin);
  say('Live view …');
  const visible = await measureVisible(context, explorer);
  return [
    { figure: 'what the start view loads first, gzip KB', value: bundle.first, limit: 47 },
    { figure: 'all views together, gzip KB', value: bundle.all },
    { figure: 'query view to its heatmap', value: quantile(firstView, 0.5), limit: 300 },
    { figure: 'POST to visible on the open live view, p95', value: quantile(visible, 0.95), limit: 500 },
  ];
}

async function tracePart(context: BrowserContext, explorer: Explorer): Promise<Figure[]> {
  say('A trace of 100,000 spans …');
  const { cold, paints, longest } = await measureLargeTrace(context, explorer);
  return [
    { figure: 'trace of 100,000 spans, not read before: first rows', value: Math.round(cold), limit: 2000 },
    { figure: 'the same, opened again: first rows', value: quantile(paints, 0.5), limit: 1000 },
    { figure: 'the same, scrolled: longest task', value: longest, limit: 50 },
  ];
}

async function logsPart(context: BrowserContext, explorer: Explorer): Promise<Figure[]> {
  const lines = Number(process.env.LINES ?? 1_000_000);
  const named = `${lines.toLocaleString('en')} log lines`;
  say(`${named} …`);
  const { list, density, level, text, scrolling } = await measureLogLines(context, explorer, lines);
  return [
    { figure: `${named}: list`, value: quantile(list, 0.5), limit: 500 },
    { figure: 'the same: counts over time', value: quantile(density, 0.5), limit: 500 },
    { figure: 'the same: list from a level up', value: quantile(level, 0.5), limit: 500 },
    { figure: 'the same: list with a text', value: quantile(text, 0.5), limit: 500 },
    { figure: 'the same, scrolled: longest task', value: scrolling, limit: 50 },
  ];
}

/** Lighthouse's scores of every view. */
async function lighthousePart(explorer: Explorer) {
  say('Lighthouse …');
  const paths = await fillWithDemo(explorer);
  const views = Object.entries({ ...paths, query: '/query', 'try it': '/try' });
  const audited = await auditViews(
    Object.fromEntries(views.map(([view, path]) => [view, explorer.origin + path])),
  );
  return audited.map(({ view, accessibility, bestPractices, failed }) => ({
    Lighthouse: view,
    accessibility,
    'best practices': bestPractices,
    'not passed': failed.join('; ') || '–',
  }));
}

async function heatmapPart(context: BrowserContext, explorer: Explorer, spans: number): Promise<Figure[]> {
  say(`Heatmap of ${spans} spans …`);
  const heatmap = await measureHeatmap(context, explorer, spans);
  return [
    { figure: `heatmap of ${spans} spans, after Run`, value: quantile(heatmap, 0.5), limit: 300 },
    { figure: 'the same, p95', value: quantile(heatmap, 0.95) },
  ];
}

/** Apart from the figures, so that these can be piped. */
function say(text: string): void {
  console.error(text);
}

async function bundleSizes() {
  const bundle = await pageBundle();
  const kilobytes = async (names: readonly string[]) => {
    const zipped = await Promise.all(names.map((name) => bundle.assets.get(name)?.gzip()));
    return Number((zipped.reduce((sum, each) => sum + (each?.length ?? 0), 0) / 1024).toFixed(1));
  };
  const names = [...bundle.assets.keys()].filter((name) => !name.endsWith('.map'));
  return {
    all: await kilobytes(names),
    first: await kilobytes([bundle.script, bundle.styles, ...bundle.preloads('overview')]),
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
  let cold = 0;
  for (let i = 0; i < 5; i++) {
    const page = await context.newPage();
    await watchTasks(page);
    await watchShown(page, GRID_CELL);
    await page.goto(`${explorer.origin}/trace/${traceId}`);
    const at = await shownAt(page);
    if (i === 0) cold = at;
    else paints.push(at);
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
  return { cold, paints, longest };
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
