import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from './lib/find-chromium.ts';
import { freeAddresses } from './lib/free-addresses.ts';
import { plannedRequest } from './lib/load/traffic.ts';
import { startGroup } from './lib/processes.ts';
import { ROOT, workspaceProcesses } from './lib/workspace.ts';

// `screenshots [NAME…]`: starts the workspace on free ports, sends it two minutes of requests, and takes the pictures of
// the README and the guide, or those of that name, light and dark.
const IMAGES = join(ROOT, 'docs', 'images');
const SECONDS_OF_TRAFFIC = 120;
const REQUESTS_PER_SECOND = 12;

const taken = pictures();
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(taken);
const unknown = names.find((name) => taken[name] === undefined);
if (unknown !== undefined) {
  console.error(`There is no picture ${unknown}; there are: ${Object.keys(taken).join(', ')}.`);
  process.exit(1);
}
const executablePath = findChromium();
if (executablePath === undefined) {
  console.error(`Pictures need a browser: ${NO_CHROMIUM}.`);
  process.exit(1);
}
const data = mkdtempSync(join(tmpdir(), 'tandem-screenshots-'));
const addresses = await freeAddresses();
const environment = {
  ...process.env,
  DATA_DIR: data,
  FAULT_INJECTION: 'true',
  RATE_LIMIT_MAX: '100000',
  OTLP_GRPC_PORT: 'off',
  EXPLORER_SERVICES: `activities-api=${addresses.api.origin},user-lookup=${addresses.userLookup.origin}`,
};
const group = startGroup(workspaceProcesses(addresses, environment, false), (prefix, line) => {
  // Of their log lines the pictures tell: some thousand, and the failures among them are asked for.
  if (!line.startsWith('{')) console.error(prefix + line);
});
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await group.ready;
  await sendTraffic();
  mkdirSync(IMAGES, { recursive: true });
  for (const name of names) {
    const { height, show } = taken[name] as Picture;
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, locale: 'en-GB', viewport: { width: 1280, height } });
      await show(page);
      await page.waitForTimeout(1000); // live views never stop asking
      const path = join(IMAGES, `${name}-${colorScheme}.png`);
      await page.screenshot({ path });
      console.log(path);
      await page.close();
    }
  }
} finally {
  await browser.close();
  await group.stop();
  rmSync(data, { recursive: true, force: true });
}

interface Picture {
  /** Pixels. */
  readonly height: number;
  /** Leads the page to what the picture shows. */
  readonly show: (page: Page) => Promise<void>;
}

function pictures(): Record<string, Picture> {
  const at = (path: string) => new URL(path, addresses.page).href; // known by the time that one is taken
  return {
    overview: {
      height: 720,
      async show(page) {
        await page.goto(at('/'));
        await page.locator('.overview-totals').waitFor();
      },
    },
    trace: {
      height: 640,
      async show(page) {
        const answer = await fetch(at('/api/traces?name=GET%20/api/activities/home&limit=1'));
        const { traces } = (await answer.json()) as { traces: { trace_id: string }[] };
        await page.goto(at(`/trace/${traces[0]?.trace_id}`));
        await page.getByText('SELECT users').first().click();
      },
    },
    logs: {
      height: 640,
      async show(page) {
        await page.goto(at('/logs'));
        await page.locator('.log-rows .log-line').first().waitFor();
        await page.locator('.log-rows .log-line').nth(2).click();
      },
    },
    query: {
      height: 1100,
      async show(page) {
        const query = {
          calculations: [{ op: 'HEATMAP', column: 'duration_ms' }],
          filters: [{ column: 'span.kind', op: '=', value: 'server' }],
          time_range: SECONDS_OF_TRAFFIC + 20,
        };
        await page.goto(at(`/query?${new URLSearchParams({ query: JSON.stringify(query) })}`));
        const heatmap = await page.locator('.heatmap-grid').boundingBox();
        if (heatmap === null) throw new Error('The query view has no heatmap.');
        const { x, y, width, height } = heatmap;
        await page.mouse.move(x + width * 0.2, y + 8);
        await page.mouse.down();
        await page.mouse.move(x + width * 0.6, y + height * 0.75, { steps: 8 });
        await page.mouse.up();
        await page.getByRole('button', { name: 'BubbleUp' }).click();
        await page.locator('.bubbleup-field').first().waitFor();
        await page.mouse.move(0, 0);
      },
    },
    map: {
      height: 600,
      async show(page) {
        await page.goto(at('/map?time_range=600'));
        await page.locator('.map-node').first().waitFor();
      },
    },
    try: {
      height: 900,
      async show(page) {
        await page.goto(at('/try'));
        await page.getByRole('button', { name: 'Slow user-lookup' }).click();
        await page.locator('.span-row').nth(4).waitFor();
      },
    },
  };
}

/** The requests of `load`, and one more, so that the newest trace is not a failed one. */
async function sendTraffic(): Promise<void> {
  console.error(`Sending ${SECONDS_OF_TRAFFIC} seconds of requests …`);
  const sent: Promise<void>[] = [];
  for (let n = 0; n < SECONDS_OF_TRAFFIC * REQUESTS_PER_SECOND; n++) {
    const { path, headers } = plannedRequest(n, 'load');
    sent.push(request(path, headers));
    await new Promise((resolve) => setTimeout(resolve, 1000 / REQUESTS_PER_SECOND));
  }
  await Promise.all(sent);
  await request('/api/activities/home');
  await new Promise((resolve) => setTimeout(resolve, 1500)); // a batch is sent 150 ms after its first span
}

async function request(path: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const response = await fetch(new URL(path, addresses.api), { headers });
  await response.arrayBuffer();
}
