import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { pageBundle } from '../../packages/trace-explorer/src/core/page-server/bundle.ts';
import { openBrowser } from '../../packages/trace-explorer/test/page/browser.ts';
import { UsageError } from '../../tools/arguments.ts';
import { median, quantile } from '../../tools/statistics.ts';
import { logsBody } from '../explorer/log-bodies.ts';
import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { faults, largeTrace, traffic } from './spans.ts';
import type { View } from './views.ts';
import { fillWithDemo, GRID_CELL, measureView, VIEWS } from './views.ts';
import { measureWork } from './work.ts';

/** A figure and its limit. */
interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly limit?: number;
}

/** Spans of the heatmap, and log lines. */
interface Sizes {
  readonly spans: number;
  readonly lines: number;
}

/** The parts of the benchmark. Each has an explorer of its own. */
const PARTS = {
  services: servicesPart,
  views: viewsPart,
  trace: tracePart,
  causes: causesPart,
  logs: logsPart,
  heatmap: heatmapPart,
} satisfies Record<string, (context: BrowserContext, explorer: Explorer, sizes: Sizes) => Promise<Figure[]>>;
const NAMES = Object.keys(PARTS) as (keyof typeof PARTS)[];
const BATCH = 4096;

/** The options it takes. */
export const usage = `[PART …: ${NAMES.join(', ')}] [--spans 1000000] [--lines 1000000]`;

/**
 * Figures of the explorer's page in a real Chromium: with the 230 services of the demo data, with small stores, with a
 * trace of 100,000 spans, 20,000 causes, with many log lines and spans. Those of some parts alone are not recorded.
 */
export default async function page(): Promise<void> {
  const { positionals, values } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: {
      spans: { type: 'string', default: '1000000' },
      lines: { type: 'string', default: '1000000' },
    },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined)
    throw new UsageError(`There is no part ${unknown}; there are: ${NAMES.join(', ')}.`);
  const sizes = { spans: positive('--spans', values.spans), lines: positive('--lines', values.lines) };
  const endings: (() => unknown)[] = [];
  const t = { teardown: (end: () => unknown) => void endings.push(end) };
  try {
    const context = await openBrowser(t);
    const figures: Figure[] = [];
    for (const name of NAMES.filter((each) => positionals.length === 0 || positionals.includes(each))) {
      console.error(`${name} …`);
      figures.push(...(await PARTS[name](context, await startExplorer(t), sizes)));
    }
    const rows = figures.map(({ figure, value, limit }) => ({
      figure,
      measured: Math.round(value * 10) / 10,
      'at most': limit ?? '–',
      kept: limit === undefined ? '–' : value <= limit ? 'yes' : 'NO',
    }));
    console.table(rows);
    if (positionals.length > 0) return;
    recordMeasurements({
      name: 'page',
      title: 'Page: from the request to the picture',
      command: `node tandem bench page --spans ${sizes.spans} --lines ${sizes.lines}`,
      tables: [rows],
      notes: [
        'Chromium without a graphics card, on the machine that also runs the explorer. Times are medians in milliseconds, from the start of the navigation until the first frame that shows it, with an empty cache each time.',
        'A longest task of 0: none took 50 ms, below which browsers do not tell.',
        '230 services: the demo data, in a store that holds nothing else.',
        'Main thread: milliseconds of the processor until the page rests. Heap: after a collection.',
      ],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function servicesPart(context: BrowserContext, explorer: Explorer): Promise<Figure[]> {
  const largest = await fillWithDemo(explorer);
  const figures: Figure[] = [];
  for (const [name, view] of Object.entries(VIEWS)) {
    const path = name === 'trace' ? view.path + largest : view.path;
    const { shown, scrolling } = await measureView(context, explorer, { ...view, path });
    figures.push(
      { figure: `${name} of 230 services`, value: median(shown), limit: view.limit },
      { figure: `${name} of 230 services, scrolled: longest task`, value: scrolling, limit: 50 },
    );
  }
  for (const name of ['overview', 'map'] as const)
    figures.push(...(await workOf(`${name} of 230 services`, context, explorer, VIEWS[name])));
  return figures;
}

async function viewsPart(context: BrowserContext, explorer: Explorer): Promise<Figure[]> {
  await explorer.post(traffic(8000, nanoseconds(Date.now() - 540_000), 67_000_000n).body);
  const bundle = await bundleSizes();
  const query = { path: '/query', ready: '.heatmap-grid', scrolled: '.view' };
  const { shown } = await measureView(context, explorer, query);
  const visible = await measureVisible(context, explorer);
  return [
    { figure: 'what the start view loads first, gzip KB', value: bundle.first, limit: 47 },
    { figure: 'all views together, gzip KB', value: bundle.all },
    { figure: 'query view to its heatmap', value: median(shown), limit: 300 },
    { figure: 'POST to visible on the open live view, p95', value: quantile(visible, 0.95), limit: 500 },
  ];
}

async function tracePart(context: BrowserContext, explorer: Explorer): Promise<Figure[]> {
  const { bodies, traceId } = largeTrace(100_000, nanoseconds(Date.now() - 60_000));
  for (const body of bodies) await explorer.post(body);
  const view = { path: `/trace/${traceId}`, ready: GRID_CELL, scrolled: '[role="treegrid"]' };
  const { first, shown, scrolling } = await measureView(context, explorer, view);
  return [
    { figure: 'trace of 100,000 spans, not read before: first rows', value: first, limit: 2000 },
    { figure: 'the same, opened again: first rows', value: median(shown), limit: 1000 },
    { figure: 'the same, scrolled: longest task', value: scrolling, limit: 50 },
    ...(await workOf('trace of 100,000 spans', context, explorer, view)),
  ];
}

async function causesPart(context: BrowserContext, explorer: Explorer): Promise<Figure[]> {
  for (const body of faults(20_000, nanoseconds(Date.now() - 60_000))) await explorer.post(body);
  const [ready, scrolled] = ['.cause-row', '.view'];
  return [
    ...(await workOf('overview of 20,000 causes', context, explorer, { path: '/', ready, scrolled })),
    ...(await workOf('the same, all listed', context, explorer, { path: '/?causes=all', ready, scrolled })),
  ];
}

/** What a view takes of the page's main thread and memory. */
async function workOf(
  name: string,
  context: BrowserContext,
  { origin }: Explorer,
  view: View,
): Promise<Figure[]> {
  const { shown, scrolled, heap } = await measureWork(context, origin, view);
  return [
    { figure: `${name}: main thread`, value: shown },
    { figure: `${name}, scrolled: main thread`, value: scrolled },
    { figure: `${name}: heap, MB`, value: heap },
  ];
}

async function logsPart(context: BrowserContext, explorer: Explorer, { lines }: Sizes): Promise<Figure[]> {
  for (let made = 0; made < lines; made += BATCH)
    await explorer.post(new Uint8Array(logsBody(Math.min(BATCH, lines - made))), 'v1/logs');
  const figures: Figure[] = [];
  for (const [figure, path, ready] of [
    ['counts over time', '/logs', '.density'],
    ['list from a level up', '/logs?level=error', VIEWS.logs.ready],
    ['list with a text', '/logs?q=refused+for+12', VIEWS.logs.ready],
    ['list', '/logs', VIEWS.logs.ready],
  ] as const) {
    const { shown, scrolling } = await measureView(context, explorer, { ...VIEWS.logs, path, ready });
    figures.push({
      figure: `${lines.toLocaleString('en')} log lines: ${figure}`,
      value: median(shown),
      limit: 500,
    });
    if (figure === 'list')
      figures.push({ figure: 'the same, scrolled: longest task', value: scrolling, limit: 50 });
  }
  return figures;
}

async function heatmapPart(context: BrowserContext, explorer: Explorer, { spans }: Sizes): Promise<Figure[]> {
  const seconds = 500;
  const step = (BigInt(seconds) * 1_000_000_000n) / BigInt(spans);
  const start = nanoseconds(Date.now() - seconds * 1000);
  for (let made = 0; made < spans; made += BATCH)
    await explorer.post(traffic(Math.min(BATCH, spans - made), start + step * BigInt(made), step).body);
  const page = await context.newPage();
  await page.goto(`${explorer.origin}/query`);
  await drawnAfter(page, 0);
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const clicked = await page.evaluate(() => {
      const run = [...document.querySelectorAll('button')].find(
        (each) => each.textContent.trim() === 'Run query',
      );
      const now = performance.now();
      run?.click();
      return now;
    });
    times.push((await drawnAfter(page, clicked)) - clicked);
    await page.waitForTimeout(100);
  }
  await page.close();
  return [
    { figure: `heatmap of ${spans.toLocaleString('en')} spans, after Run`, value: median(times), limit: 300 },
    { figure: 'the same, p95', value: quantile(times, 0.95) },
  ];
}

async function bundleSizes() {
  const bundle = await pageBundle();
  const kilobytes = async (names: readonly string[]) => {
    const zipped = await Promise.all(names.map((name) => bundle.assets.get(name)?.gzip?.()));
    return zipped.reduce((sum, each) => sum + (each?.length ?? 0), 0) / 1024;
  };
  const names = [...bundle.assets.keys()].filter((name) => !name.endsWith('.map'));
  return {
    all: await kilobytes(names),
    first: await kilobytes([bundle.script, bundle.styles, ...bundle.preloads('overview')]),
  };
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
  await page.goto(`${explorer.origin}/traces?live=true`);
  await page.waitForTimeout(1000);
  const times: number[] = [];
  for (let i = 0; i < 40; i++) {
    const { body, traceIds } = traffic(8, nanoseconds(Date.now()), 1000n);
    const posted = performance.now();
    await explorer.post(body);
    await page.locator(`a[href^="/trace/${traceIds[0]}"]`).first().waitFor({ state: 'attached' });
    times.push(performance.now() - posted);
    await page.waitForTimeout(60 + Math.random() * 120);
  }
  await page.close();
  return times;
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds)) * 1_000_000n;
}
