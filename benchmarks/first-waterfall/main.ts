import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { BrowserContext } from 'playwright-core';
import { openBrowser } from '../../packages/trace-explorer/test/page/browser.ts';
import { nodeBinary } from '../../test/helpers/npm.ts';
import { median } from '../../tools/statistics.ts';
import { figureRows, recordMeasurements } from '../lib/measurements.ts';
import { cloneWorkspace, keptIn, startDev } from './clone.ts';
import { installExplorer, startInstalled } from './installed-explorer.ts';

/** Clones with a warm store. */
const WARM_RUNS = 3;
/** Starts of the installed explorer; the first one fills Node's compile cache and is not counted. */
const STARTS = 8;
/** A caller with this Node gets one of his own, with its headers. */
const OLD_NODE = '20.20.2';
/** The folder for what npm and pnpm keep: what a HOME has besides the clone. */
const PACKAGES = 'packages';
/** Spans of the home feed. */
const SPANS = 7;

/**
 * From a fresh clone to a waterfall on screen, by the README's two commands: with an empty package store, and with the
 * store that this has filled. And how long the explorer takes to start by itself, from its tarball.
 */
export default async function firstWaterfall(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'tandem-first-'));
  const endings: (() => unknown)[] = [() => rmSync(work, { recursive: true, force: true })];
  const t = { teardown: (end: () => unknown) => void endings.push(end) };
  try {
    const context = await openBrowser(t);
    say('With an empty package store …');
    const cold = await measure(context, work, 'cold');
    say('With a warm one …');
    const warm: Steps[] = [];
    for (let run = 0; run < WARM_RUNS; run++) warm.push(await measure(context, work, `warm-${run}`));
    say('The explorer by itself …');
    const starts = await measureStarts(work);
    const middle = (of: (steps: Steps) => number) => seconds(median(warm.map(of)));
    const figures = {
      'cold store: `node tandem dev` to its banner, s': seconds(cold.banner),
      'cold store: to the waterfall on screen, s (at most 90)': seconds(cold.waterfall),
      'cold store: clone and HOME after it, MiB (at most 350)': cold.mebibytes,
      'the same where the caller has Node 20, MiB (at most 500)': await sizeWithOldNode(work),
      'warm store: `node tandem dev` to its banner, s, median': middle(({ banner }) => banner),
      'warm store: to the waterfall on screen, s, median (at most 10)': middle(({ waterfall }) => waterfall),
      'the explorer by itself, from its tarball: to its banner, s, median (at most 2)': seconds(
        median(starts),
      ),
      'the same, at most': seconds(Math.max(...starts)),
    };
    console.table(figures);
    recordMeasurements({
      name: 'first-waterfall',
      title: 'First waterfall: from a fresh clone to the picture',
      command: 'node tandem bench first-waterfall',
      tables: [figureRows(figures)],
      notes: [
        'Each run is a clone of its own with no node_modules. Cold: npm and pnpm have fetched nothing before, pnpm itself included; it depends on the network.',
        'MiB: on the disk, of all files of the clone and of what npm and pnpm keep, each once (packages of the store and of node_modules are one file).',
        'Two commands: `node tandem dev`, and a request to the API as soon as the banner is there; then its trace is opened in Chromium, until all seven rows are drawn.',
      ],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** Milliseconds since the first command. */
interface Steps {
  readonly banner: number;
  readonly waterfall: number;
  /** Of the clone and of what npm and pnpm have kept so far. */
  readonly mebibytes: number;
}

async function measure(context: BrowserContext, work: string, name: string): Promise<Steps> {
  const folder = await cloneWorkspace(join(work, name));
  const page = await context.newPage();
  const began = performance.now();
  const dev = await startDev(folder, join(work, PACKAGES));
  try {
    const banner = performance.now() - began;
    const response = await fetch(`${dev.api}/api/activities/home`);
    await response.arrayBuffer();
    const [, traceId = ''] = response.headers.get('traceresponse')?.split('-') ?? [];
    const rows = page.locator('.span-row');
    for (let tries = 0; tries < 40; tries++) {
      await page.goto(`${dev.page}/trace/${traceId}`);
      const isThere = await rows
        .nth(SPANS - 1)
        .waitFor({ timeout: 500 })
        .then(
          () => true,
          () => false,
        );
      if (!isThere) continue;
      const waterfall = performance.now() - began;
      say(`  banner ${seconds(banner)} s, waterfall ${seconds(waterfall)} s`);
      return { banner, waterfall, mebibytes: await mebibytesOf(folder, join(work, PACKAGES)) };
    }
    throw new Error(`The trace ${traceId} did not appear: ${await page.locator('body').textContent()}`);
  } finally {
    await page.close();
    await dev.stop();
  }
}

async function measureStarts(work: string): Promise<number[]> {
  const command = await installExplorer(join(work, 'explorer'));
  const data = join(work, 'data');
  mkdirSync(data);
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) times.push(await startInstalled(command, data));
  return times.slice(1);
}

/** The size of a clone and of what npm and pnpm keep, after a first command with Node 20. */
async function sizeWithOldNode(work: string): Promise<number> {
  const node = await nodeBinary(OLD_NODE);
  const folder = await cloneWorkspace(join(work, 'old'));
  const kept = join(work, `${PACKAGES}-old`);
  const env = { ...process.env, ...keptIn(kept), PATH: [dirname(node), process.env.PATH].join(delimiter) };
  await promisify(execFile)(node, ['tandem', 'dev', '--help'], { cwd: folder, env });
  return mebibytesOf(folder, kept);
}

/** What the files of folders take on the disk, each once: a file with two names is one, and links count nothing. */
async function mebibytesOf(...folders: readonly string[]): Promise<number> {
  const sizes = new Map<number, number>();
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    for (const { ino, blocks } of await Promise.all(paths.map((path) => lstat(path))))
      sizes.set(ino, blocks * 512);
  }
  return Math.round([...sizes.values()].reduce((sum, size) => sum + size, 0) / 2 ** 20);
}

function seconds(milliseconds: number): number {
  return Number((milliseconds / 1000).toFixed(2));
}

/** Apart from the figures, so that these can be piped. */
function say(text: string): void {
  console.error(text);
}
