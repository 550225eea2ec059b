import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findChromium, NO_CHROMIUM } from '../../scripts/lib/find-chromium.ts';
import { installFolder } from '../lib/install-folder.ts';

/** A view's scores of 0 to 100, and the titles of the audits that it does not pass. */
export interface Audited {
  readonly view: string;
  readonly accessibility: number;
  readonly bestPractices: number;
  readonly failed: readonly string[];
}

const FOLDER = join(import.meta.dirname, 'lighthouse');
const CATEGORIES = ['accessibility', 'best-practices'] as const;

interface Result {
  readonly lhr: {
    readonly categories: Record<
      (typeof CATEGORIES)[number],
      {
        readonly score: number;
        readonly auditRefs: readonly { readonly id: string; readonly weight: number }[];
      }
    >;
    readonly audits: Record<string, { readonly title: string; readonly score: number | null }>;
  };
}

type Lighthouse = (url: string, flags: object) => Promise<Result | undefined>;

/** Runs Lighthouse, installed when it is not, over views by name and URL, in a browser of its own. */
export async function auditViews(views: Readonly<Record<string, string>>): Promise<readonly Audited[]> {
  installFolder(FOLDER);
  const entry: { default: Lighthouse } = await import(
    join(FOLDER, 'node_modules', 'lighthouse', 'core', 'index.js')
  );
  const browser = await startBrowser();
  const found: Audited[] = [];
  try {
    for (const [view, url] of Object.entries(views)) {
      const result = await entry.default(url, {
        port: browser.port,
        output: 'json',
        logLevel: 'error',
        onlyCategories: CATEGORIES,
        formFactor: 'desktop',
        screenEmulation: { disabled: true },
        throttlingMethod: 'provided',
      });
      if (result === undefined) throw new Error(`Lighthouse said nothing of ${url}.`);
      found.push(auditedOf(view, result));
    }
  } finally {
    await browser.end();
  }
  return found;
}

function auditedOf(view: string, { lhr: { categories, audits } }: Result): Audited {
  const percent = (name: (typeof CATEGORIES)[number]) => Math.round(100 * categories[name].score);
  const failed = CATEGORIES.flatMap((name) => categories[name].auditRefs).flatMap(({ id, weight }) => {
    const audit = audits[id];
    return weight > 0 && audit !== undefined && audit.score !== null && audit.score < 1 ? [audit.title] : [];
  });
  return { view, accessibility: percent('accessibility'), bestPractices: percent('best-practices'), failed };
}

/** Chromium with an empty profile, which can be asked over a port. */
async function startBrowser(): Promise<{ port: number; end(): Promise<void> }> {
  const executable = findChromium();
  if (executable === undefined) throw new Error(`Lighthouse needs a browser: ${NO_CHROMIUM}.`);
  const profile = mkdtempSync(join(tmpdir(), 'tandem-lighthouse-'));
  const child = spawn(
    executable,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--window-size=1350,940',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const end = async () => {
    child.kill();
    await exited;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  for await (const line of createInterface({ input: child.stderr })) {
    const port = /DevTools listening on ws:\/\/[^:]+:(\d+)/u.exec(line)?.[1];
    if (port === undefined) continue;
    child.stderr.resume();
    return { port: Number(port), end };
  }
  throw new Error('Chromium ended before it could be asked.');
}
