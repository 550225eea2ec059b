import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from './lib/find-chromium.ts';
import { freeAddresses } from './lib/free-addresses.ts';
import { plannedRequest } from './lib/load/traffic.ts';
import { startGroup } from './lib/processes.ts';
import { ROOT, workspaceProcesses } from './lib/workspace.ts';

// `screenshots [NAME…]`: starts the workspace on free ports, sends it two minutes of requests, and takes the pictures of
// the README and the page's description, light and dark, and those of the guide, light. With names, only those.
const IMAGES = join(ROOT, 'docs', 'images');
const SECONDS_OF_TRAFFIC = 120;
const REQUESTS_PER_SECOND = 12;
const SCHEMES = ['light', 'dark'] as const;
/** A batch is sent 150 ms after its first span. */
const ARRIVAL_MS = 1500;

const wanted = Object.entries(pictures()).filter(([name]) => isWanted(name));
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
  LOG_LEVEL: 'fatal', // the failures are asked for
  OTLP_GRPC_PORT: 'off',
  EXPLORER_SERVICES: `activities-api=${addresses.api.origin},user-lookup=${addresses.userLookup.origin}`,
};
const group = startGroup(workspaceProcesses(addresses, environment, false), (prefix, line) =>
  console.error(prefix + line),
);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await group.ready;
  await sendTraffic();
  for (const [name, { height, show, schemes = SCHEMES }] of wanted) {
    for (const colorScheme of schemes) {
      const page = await browser.newPage({ colorScheme, locale: 'en-GB', viewport: { width: 1280, height } });
      await show(page);
      await page.waitForTimeout(1000); // live views never stop asking
      const path = join(IMAGES, schemes.length > 1 ? `${name}-${colorScheme}.png` : `${name}.png`);
      mkdirSync(dirname(path), { recursive: true });
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
  /** Both when left out. */
  readonly schemes?: readonly (typeof SCHEMES)[number][];
  /** Leads the page to what the picture shows. */
  readonly show: (page: Page) => Promise<void>;
}

function pictures(): Record<string, Picture> {
  const at = (path: string) => new URL(path, addresses.page).href;
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
        await page.goto(at(`/trace/${await newestHome()}`));
        await page.getByText('SELECT users').first().click();
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
        await page.locator('.span-row').first().waitFor();
      },
    },
    'guide/attributes': {
      ...inGuide(560),
      async show(page) {
        await page.goto(at(`/trace/${await newestHome()}`));
        await page.getByText('home-result-activities').first().click();
        await page.locator('.span-panel').getByText('app.result_length').first().waitFor();
      },
    },
    'guide/app-now': { ...inGuide(640), show: (page) => showQuery(page, 'app-now') },
    'guide/latency-by-user': { ...inGuide(480), show: (page) => showQuery(page, 'latency-by-user', true) },
    'guide/broken': {
      ...inGuide(560),
      async show(page) {
        await page.goto(at('/try'));
        await page.getByRole('button', { name: 'A hop that drops the context' }).click();
        await page.getByText('SELECT users').first().waitFor();
        await scrollToEnd(page);
      },
    },
    'guide/log-lines': {
      ...inGuide(700),
      async show(page) {
        const headers = { 'tandem.fault': 'activities-api:log-levels' };
        const answer = await fetch(new URL('/api/activities/home', addresses.api), { headers });
        const [, id] = answer.headers.get('traceresponse')?.split('-') ?? [];
        await answer.arrayBuffer();
        await page.waitForTimeout(ARRIVAL_MS);
        await page.goto(at(`/trace/${id}?logs=list`));
        await page.locator('.log-line').last().waitFor();
      },
    },
    'guide/x-ray': {
      ...inGuide(640),
      async show(page) {
        await page.goto(at(`/trace/${await newestHome()}?tab=xray`));
        await page.getByText('home-activities-data').first().click(); // a short one: its annotations are in sight
        await page.locator('.form-text').getByText('app.now').waitFor();
      },
    },
  };
}

/** What the pictures of the guide have in common. */
function inGuide(height: number): Pick<Picture, 'height' | 'schemes'> {
  return { height, schemes: ['light'] };
}

/** Id of the newest trace of the home feed. */
async function newestHome(): Promise<string | undefined> {
  const answer = await fetch(new URL('/api/traces?name=GET%20/api/activities/home&limit=1', addresses.page));
  const { traces } = (await answer.json()) as { readonly traces: readonly { readonly trace_id: string }[] };
  return traces[0]?.trace_id;
}

/** Opens the query view with the result of one of `honeycomb/queries`, at its top or at its end, the table's. */
async function showQuery(page: Page, slug: string, atEnd = false): Promise<void> {
  const query = JSON.parse(readFileSync(join(ROOT, 'honeycomb', 'queries', `${slug}.json`), 'utf8'));
  const params = new URLSearchParams({
    query: JSON.stringify({ ...query, time_range: SECONDS_OF_TRAFFIC + 60 }),
  });
  await page.goto(new URL(`/query?${params}`, addresses.page).href);
  await page.locator('table tbody tr').first().waitFor();
  if (atEnd) await scrollToEnd(page);
}

async function scrollToEnd(page: Page): Promise<void> {
  await page.mouse.move(640, 300);
  await page.mouse.wheel(0, 5000);
}

/** Whether a picture was asked for, by its name or its folder's; all are when nothing is named. */
function isWanted(name: string): boolean {
  const { positionals } = parseArgs({ allowPositionals: true });
  return positionals.length === 0 || positionals.some((each) => name === each || name.startsWith(`${each}/`));
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
  await new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
}

async function request(path: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const response = await fetch(new URL(path, addresses.api), { headers });
  await response.arrayBuffer();
}
