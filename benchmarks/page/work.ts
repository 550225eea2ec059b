import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { median } from '../../tools/statistics.ts';
import type { View } from './views.ts';

/** What a view takes, as medians of several tries. */
export interface Work {
  /** Milliseconds of the processor that the page's main thread takes until it rests, and while it is scrolled. */
  readonly shown: number;
  readonly scrolled: number;
  /** Megabytes that its script holds when it rests. */
  readonly heap: number;
}

const TRIES = 7;
/** Frames of a scroll, and pixels of each. */
const [STEPS, STEP] = [120, 78];
/** The main thread rests when it takes less than this in that time. */
const [REST_MS, WITHIN_MS] = [2, 500];

/** Opens a view several times, and scrolls it. What else the machine does makes little difference, unlike to its times. */
export async function measureWork(context: BrowserContext, origin: string, view: View): Promise<Work> {
  const all: Work[] = [];
  for (let nth = 0; nth < TRIES; nth++) all.push(await workOnce(context, origin, view));
  return {
    shown: median(all.map(({ shown }) => shown)),
    scrolled: median(all.map(({ scrolled }) => scrolled)),
    heap: median(all.map(({ heap }) => heap)),
  };
}

async function workOnce(context: BrowserContext, origin: string, view: View): Promise<Work> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(origin + view.path);
  await page.locator(view.ready).first().waitFor({ state: 'attached' });
  const shown = await workAtRest(page, session);
  await session.send('HeapProfiler.collectGarbage');
  const heap = (await metric(session, 'JSHeapUsedSize')) / 2 ** 20;
  const before = await workAtRest(page, session);
  await page.evaluate(
    async ({ wanted, steps, step }) => {
      const own = document.querySelector(wanted);
      const scroller = own && own.scrollHeight > own.clientHeight ? own : document.scrollingElement;
      for (let nth = 0; nth < steps; nth++) {
        scroller?.scrollBy(0, step);
        await new Promise(requestAnimationFrame);
      }
    },
    { wanted: view.scrolled, steps: STEPS, step: STEP },
  );
  const scrolled = (await workAtRest(page, session)) - before;
  await page.close();
  return { shown, scrolled, heap };
}

/** Milliseconds that the main thread has taken, once it rests. */
async function workAtRest(page: Page, session: CDPSession): Promise<number> {
  for (let before = -REST_MS; ; await page.waitForTimeout(WITHIN_MS)) {
    const now = 1000 * (await metric(session, 'TaskDuration'));
    if (now - before < REST_MS) return now;
    before = now;
  }
}

async function metric(session: CDPSession, wanted: string): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
}
