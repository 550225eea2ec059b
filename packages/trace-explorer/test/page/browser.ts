import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, ConsoleMessage, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findChromium, NO_CHROMIUM } from '../../../../scripts/lib/find-chromium.ts';
import { freePort } from '../../../../scripts/lib/free-port.ts';
import { until } from '../../../../test/helpers/until.ts';
import type { ExplorerOptions } from '../../src/app.ts';
import { buildExplorer } from '../../src/app.ts';
import type { SpanStore } from '../../src/core/store/store.ts';
import { temporaryStore } from '../spans.ts';
import { describedApi } from './described-api.ts';

export type Test = { readonly parent?: object | undefined; teardown(fn: () => unknown): void };

/**
 * What Chromium starts for each window and nobody sees: two pages of its own under the address bar, and a spare process.
 * They take more of the processor than most tests. The others are from the list of Playwright that this one replaces.
 */
const UNUSED_FEATURES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'SpareRendererForSitePerProcess',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'HttpsUpgrades',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'PreconnectToSearch',
  'AimEnabled',
];

/**
 * Arguments that keep Chromium small and to itself: no network of its own, no first-run pages, the same colours everywhere.
 * Not `--in-process-gpu`: with it the headless shell stands still now and then.
 */
const quiet = [
  '--no-sandbox',
  // One process draws all pages: to start another costs more than many a test.
  '--disable-site-isolation-trials',
  '--renderer-process-limit=1',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
  `--disable-features=${UNUSED_FEATURES.join()}`,
];

/** A signal ends the process: Playwright would only close the browser, and tests would wait for the browser. */
const LEFT_SIGNALS = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false } as const;

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly store: SpanStore;
  /** `http://127.0.0.1:port` of the explorer. */
  readonly origin: string;
  /** What the browser's console said was wrong, and scripts that threw. A test expects it to be empty. */
  readonly problems: string[];
  /** Violations that axe finds in what is shown now, one line each. */
  violations(): Promise<string[]>;
  /**
   * Begins a test that shares the page with other tests: an earlier test's window, routes, permissions, cookies, stored
   * settings and problems are gone.
   */
  reset(window?: WindowOptions): Promise<void>;
  /** Begins a test in the same way, and shows a path. */
  visit(path: string, window?: WindowOptions): Promise<void>;
}

/** What a page has before a test changes it. */
export interface WindowOptions {
  /** `light` when left out. */
  readonly colorScheme?: 'light' | 'dark';
  /** Pixels; 1,280 when left out. */
  readonly width?: number;
  /** Pixels; 800 when left out. */
  readonly height?: number;
  /** As the system is set when left out, which is neither. */
  readonly reducedMotion?: 'reduce';
  readonly forcedColors?: 'active';
}

export interface OpenPageOptions extends WindowOptions {
  /** Where the page goes first, read after `fill`; `/query` when left out. False: the test says where, and when. */
  readonly path?: string | false | (() => string);
  /** Read after `fill`. Without an `apiUrl`, one that describes activities-api and answers nothing else; none where it is empty. */
  readonly explorer?: Omit<ExplorerOptions, 'store'>;
  /** Any free one when left out. */
  readonly port?: number;
  /** Called with the store before the page opens. */
  readonly fill?: (store: SpanStore) => Promise<unknown>;
  /** Set by a test that adds scripts to the tab: no other test takes the tab over. */
  readonly hasOwnTab?: boolean;
}

/**
 * A page of a real Chromium on an explorer with a store of its own; both end with the test. Tests that can share a store
 * open the page once for their file, and begin with `visit`.
 */
export async function openPage(t: Test, options: OpenPageOptions = {}): Promise<OpenPage> {
  const store = await temporaryStore(t);
  await options.fill?.(store);
  const apiUrl = options.explorer?.apiUrl ?? (await describedApi(rootOf(t)));
  const app = await buildExplorer({ store, ...options.explorer, apiUrl });
  t.teardown(() => {
    const closed = app.close();
    // A browser may hold a connection without a request, for which a close waits without end.
    app.server.closeAllConnections();
    return closed;
  });
  // The system may give a port a second time, and with the port what the tab keeps.
  const port = options.port ?? (await freePort());
  await app.listen({ host: '127.0.0.1', port });
  const origin = `http://127.0.0.1:${port}`;
  const tab = await takeTab(t, options);
  const { context, page } = tab;
  const problems = watchProblems(t, page);
  const reset = async (window: WindowOptions = {}) => {
    if (page.url().startsWith(origin)) await page.evaluate(() => localStorage.clear());
    await resetTab(tab, window);
    problems.length = 0;
  };
  const visit = async (path: string, window?: WindowOptions) => {
    await reset(window);
    await openAt(page, origin + path);
  };
  const { path = '/query' } = options;
  if (path !== false) await openAt(page, origin + (typeof path === 'string' ? path : path()));
  return { page, context, store, origin, problems, violations: () => axeViolations(page), reset, visit };
}

/** Goes to an address, and waits until the app is drawn: before, it has no keys. */
async function openAt(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator('#root > *, body:not(:has(#root))').first().waitFor({ state: 'attached' });
}

/**
 * Answers requests of a page that is shown, as Playwright's `page.route`. Chromium says that it hands requests over before its
 * page knows of it, and a key may be handled in between: here, the next request is certain to be handed over.
 */
export async function intercept(page: Page, ...[url, handler]: Parameters<Page['route']>): Promise<void> {
  await page.route(url, handler);
  await page.route('**/?is-intercepted', (route) => route.fulfill({ body: 'yes' }));
  await until(() => page.evaluate(async () => (await (await fetch('/?is-intercepted')).text()) === 'yes'));
}

/**
 * Holds back what the page asks for.
 * @param url as in Playwright's `page.route`
 * @returns lets the held requests go, and later ones pass
 */
export async function holdRequests(page: Page, url: string | RegExp): Promise<() => void> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route(url, async (route) => {
    await released;
    // The page may have given the request up by then.
    await route.continue().catch(() => {});
  });
  return release;
}

/**
 * Chromium with nothing stored, until the test ends. All tests of a file share one process of Chromium.
 * @throws Error with what to install when there is none
 */
export async function openBrowser(t: Test): Promise<BrowserContext> {
  const context = await newContext(rootOf(t));
  t.teardown(() => context.close());
  return context;
}

async function newContext(root: Test): Promise<BrowserContext> {
  const browser = browsers.get(root) ?? launch(root);
  browsers.set(root, browser);
  return (await browser).newContext({
    viewport: { width: 1280, height: 800 },
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  });
}

interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
}

/**
 * A tab, which the next test of the process takes over: to open one costs as much as many a test. What the page keeps is
 * kept by origin, and each test's explorer has one of its own. A whole file has its tab until the next file opens its own:
 * the files of a process run one after the other.
 */
async function takeTab(t: Test, options: OpenPageOptions): Promise<Tab> {
  const { hasOwnTab = false } = options;
  const root = rootOf(t);
  const left = leftTabs.get(root) ?? [];
  leftTabs.set(root, left);
  if (t === root) await leaveFile.get(root)?.();
  const tab = (hasOwnTab ? undefined : left.pop()) ?? (await openTab(root));
  const leave = async () => {
    if (hasOwnTab) return tab.context.close();
    await leaveTab(tab);
    left.push(tab);
  };
  if (t === root) leaveFile.set(root, leave);
  else t.teardown(leave);
  await resetTab(tab, options);
  return tab;
}

async function openTab(root: Test): Promise<Tab> {
  const context = await newContext(root);
  return { context, page: await context.newPage() };
}

/** Leaves the explorer, which ends. */
async function leaveTab(tab: Tab): Promise<void> {
  await tab.page.goto('about:blank');
}

/** Takes back what a test may have done to a tab. */
async function resetTab({ context, page }: Tab, window: WindowOptions): Promise<void> {
  const {
    colorScheme = 'light',
    width = 1280,
    height = 800,
    reducedMotion = null,
    forcedColors = null,
  } = window;
  page.setDefaultTimeout(DEFAULT_TIMEOUT_MS);
  await Promise.all([
    page.unrouteAll(),
    context.unrouteAll(),
    context.clearPermissions(),
    context.clearCookies(),
  ]);
  const size = page.viewportSize();
  if (size?.width !== width || size.height !== height) await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme, media: null, reducedMotion, forcedColors });
  await page.mouse.move(0, 0);
}

/** The same limit as that of `until`: a busy machine can hold a page up for long, and no test is about how long it takes. */
const DEFAULT_TIMEOUT_MS = 60_000;
const leftTabs = new WeakMap<Test, Tab[]>();
/** Leaves the tab of the file that opened one last. */
const leaveFile = new WeakMap<Test, () => Promise<void>>();
const browsers = new WeakMap<Test, Promise<Browser>>();

/** The test of the whole process, whose end is the end of what its tests share. */
export function rootOf(t: Test): Test {
  return t.parent === undefined ? t : rootOf(t.parent as Test);
}

async function launch(root: Test): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(`These tests need a browser: ${NO_CHROMIUM}.`);
  const browser = await chromium.launch({ executablePath, headless: true, args: quiet, ...LEFT_SIGNALS });
  root.teardown(() => browser.close());
  return browser;
}

function watchProblems(t: Test, page: Page): string[] {
  const problems: string[] = [];
  const onConsole = (message: ConsoleMessage) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // The text of a failed request does not name it.
    const { pathname = '', search = '' } = URL.parse(message.location().url) ?? {};
    problems.push(`${message.text()} (at ${pathname}${search})`);
  };
  const onError = (error: Error) => void problems.push(String(error));
  page.on('console', onConsole).on('pageerror', onError);
  t.teardown(() => void page.off('console', onConsole).off('pageerror', onError));
  return problems;
}

const AXE = new URL(import.meta.resolve('axe-core/axe.min.js'));

/** Evaluated by the debugger, so that the page's policy against strange scripts stays as it is. */
async function axeViolations(page: Page): Promise<string[]> {
  // What answers an earlier question is paler, until the next answer is there.
  await page.locator('.stale-part[aria-busy="true"]').first().waitFor({ state: 'detached' });
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(async () => {
    const axe = Reflect.get(globalThis, 'axe') as {
      run(options: { resultTypes: readonly string[]; rules: object }): Promise<{
        violations: { id: string; help: string; nodes: { target: unknown; failureSummary?: string }[] }[];
      }>;
    };
    // Of what passes, one place is enough: all others need not be described.
    const { violations } = await axe.run({
      resultTypes: ['violations'],
      // WCAG 2.2, 2.5.8: off by default.
      rules: { 'target-size': { enabled: true } },
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${String(node.target)} ${node.failureSummary?.replace(/\s+/g, ' ')}`),
    );
  });
}
