import { mkdirSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { readArguments, UsageError } from '../tools/arguments.ts';
import { callOf, ROOT } from '../tools/root.ts';
import { takeFilm } from './lib/film/take-film.ts';
import { findChromium, NO_CHROMIUM } from './lib/find-chromium.ts';
import { freeAddresses } from './lib/free-port.ts';
import { plannedRequest } from './lib/load/traffic.ts';
import type { Picture } from './lib/pictures.ts';
import { ARRIVAL_MS, pictures, SCHEMES } from './lib/pictures.ts';
import { supervise } from './lib/processes/supervise.ts';
import { workspaceProcesses } from './lib/workspace.ts';

const IMAGES = join(ROOT, 'docs', 'images');
const SECONDS_OF_TRAFFIC = 120;
const REQUESTS_PER_SECOND = 12;

const addresses = await freeAddresses();
const all = Object.entries(pictures(addresses, SECONDS_OF_TRAFFIC));
/** The README's film, its block of last lines, and the saved trace. */
const FILM = 'run';
const USAGE = `Usage: ${callOf('screenshots')} [PICTURE or FOLDER …]

Starts the workspace on free ports, sends it ${SECONDS_OF_TRAFFIC} seconds of requests, and takes the pictures of the README and of the
tour, light and dark, and those of the guide, light. ${FILM} is the README's film, with the last lines and the saved trace of the
same run of examples/shop. Name some to take only these:
${[FILM, ...all.map(([name]) => name)].join(', ')}`;
const wanted = readArguments(USAGE, { allowPositionals: true }, ({ positionals }) => {
  const found = all.filter(([name]) => isNamed(name, positionals));
  const hasFilm = isNamed(FILM, positionals);
  if (found.length === 0 && !hasFilm) throw new UsageError(`There is no picture ${positionals.join(' ')}.`);
  return { found, hasFilm };
});
const executablePath = findChromium();
if (executablePath === undefined) {
  console.error(`Pictures need a browser: ${NO_CHROMIUM}.`);
  process.exit(1);
}
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  if (wanted.hasFilm) for (const path of await takeFilm(browser)) console.log(path);
  if (wanted.found.length > 0) await takePictures();
} finally {
  await browser.close();
}

async function takePictures(): Promise<void> {
  using data = mkdtempDisposableSync(join(tmpdir(), 'tandem-screenshots-'));
  const environment = {
    ...process.env,
    DATA_DIR: data.path,
    FAULT_INJECTION: 'true',
    RATE_LIMIT_MAX: '100000',
    OTLP_GRPC_PORT: 'off',
    EXPLORER_SERVICES: `activities-api=${addresses.api.origin},user-lookup=${addresses.userLookup.origin}`,
  };
  const supervisor = supervise(workspaceProcesses(addresses, environment, false), (prefix, line) => {
    // The pictures show their log lines, failures among them.
    if (!line.startsWith('{')) console.error(prefix + line);
  });
  try {
    await supervisor.ready;
    await sendTraffic();
    for (const [name, picture] of wanted.found)
      for (const colorScheme of picture.schemes ?? SCHEMES) await takePicture(name, picture, colorScheme);
  } finally {
    await supervisor.stop();
  }
}

async function takePicture(
  name: string,
  { height, show, schemes = SCHEMES }: Picture,
  colorScheme: (typeof SCHEMES)[number],
): Promise<void> {
  const page = await browser.newPage({ colorScheme, locale: 'en-GB', viewport: { width: 1280, height } });
  await show(page);
  await page.waitForTimeout(1000); // live views never stop asking
  await page.evaluate(() => document.fonts.ready);
  const path = join(IMAGES, schemes.length > 1 ? `${name}-${colorScheme}.png` : `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
  console.log(path);
  await page.close();
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

/** Whether a picture is wanted, by its name or its folder. Without names, all are. */
function isNamed(name: string, positionals: readonly string[]): boolean {
  return positionals.length === 0 || positionals.some((each) => name === each || name.startsWith(`${each}/`));
}
