import type { BrowserContext } from 'playwright-core';
import { logsBody } from '../explorer/log-bodies.ts';
import type { Explorer } from '../lib/explorer-process.ts';
import { longestTask, shownAt, watchShown, watchTasks } from './views.ts';

const BATCH = 4096;
const TRIES = 6;
const LINE = '.log-line .log-time';

export interface LogLineFigures {
  /** Milliseconds from the start of the navigation, of each try. */
  readonly list: readonly number[];
  readonly density: readonly number[];
  /** With a filter in the URL. */
  readonly level: readonly number[];
  readonly text: readonly number[];
  /** Longest task while it was scrolled; 0 when none took 50 ms. */
  readonly scrolling: number;
}

/** The Logs view over so many lines, of one service. */
export async function measureLogLines(
  context: BrowserContext,
  explorer: Explorer,
  lines: number,
): Promise<LogLineFigures> {
  for (let made = 0; made < lines; made += BATCH)
    await explorer.post(new Uint8Array(logsBody(Math.min(BATCH, lines - made))), 'v1/logs');
  const opened = async (path: string, selector: string) => {
    const times: number[] = [];
    for (let i = 0; i < TRIES; i++) {
      const page = await context.newPage();
      await watchShown(page, selector);
      await page.goto(explorer.origin + path);
      times.push(await shownAt(page));
      await page.close();
    }
    // The first one also starts the browser's renderer.
    return times.slice(1);
  };
  return {
    list: await opened('/logs', LINE),
    density: await opened('/logs', '.density'),
    level: await opened('/logs?level=error', LINE),
    text: await opened('/logs?q=refused+for+12', LINE),
    scrolling: await measureScrolling(context, explorer),
  };
}

async function measureScrolling(context: BrowserContext, explorer: Explorer): Promise<number> {
  const page = await context.newPage();
  await watchTasks(page);
  await watchShown(page, LINE);
  await page.goto(`${explorer.origin}/logs`);
  await shownAt(page);
  await page.waitForTimeout(1500);
  await longestTask(page);
  await page.locator('.log-rows').hover();
  for (let step = 0; step < 120; step++) {
    await page.mouse.wheel(0, step < 40 ? 400 : step < 100 ? 20_000 : -40_000);
    await page.waitForTimeout(16);
  }
  await page.waitForTimeout(500);
  const longest = await longestTask(page);
  await page.close();
  return longest;
}
