import type { Page } from 'playwright-core';
import t from 'tap';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import { until } from '../../../../test/helpers/until.ts';
import { demoTraces } from '../../testing/demo-data/index.ts';
import { askFor } from '../parts/query/page/open-query.ts';
import { randomId, storeLogs, storeSpans } from '../spans.ts';
import { intercept, openPage } from './browser.ts';
import { erased, moving, wrongOnPaper } from './modes.ts';
import { shownText } from './trace-fixtures.ts';

t.test('every view is a link: it loads by its URL, and back and forward lead through them', async (t) => {
  const { page, problems } = await openPage(t, { path: '/map' });
  await page.locator('nav a[aria-current=page]', { hasText: 'Map' }).waitFor();
  await page.locator('nav a', { hasText: 'Traces' }).click();
  await page.waitForURL('**/traces?last=3600');
  await page.getByText('No traces in this time').waitFor();
  await page.locator('nav a[aria-current=page]', { hasText: 'Traces' }).waitFor();
  await page.goBack();
  await page.locator('nav a[aria-current=page]', { hasText: 'Map' }).waitFor();
  t.match(await page.title(), 'Map');
  await page.goForward();
  await page.locator('nav a[aria-current=page]', { hasText: 'Traces' }).waitFor();
  t.same(problems, []);
});

t.test('a view whose code is not there says so, and a reload brings it', async (t) => {
  const { page } = await openPage(t, { path: '/traces' });
  await page.getByText('No traces yet').waitFor();
  await intercept(page, '**/assets/*', (route) => route.abort());
  await page.locator('nav a', { hasText: 'Query' }).click();
  const alert = page.getByRole('alert');
  await alert.getByText('The explorer was started anew').waitFor();
  t.equal(await alert.getByText('tries again').count(), 0, 'no try would help');
  t.equal(await alert.getByRole('button').count(), 1);
  await page.unroute('**/assets/*');
  await alert.getByRole('button', { name: 'Reload' }).click();
  await page.locator('main h1').waitFor();
  t.equal(await alert.count(), 0);
});

const demo = [...demoTraces({ spans: 3000, small: true })];
const request = demo.find(({ shape, spans }) => shape === 'request' && spans.length > 8);

/** Each view, and what is there when there is something to use. */
const VIEWS = [
  ['/', '.overview-totals'],
  ['/query', '.heatmap canvas, canvas'],
  ['/traces', '.trace-link'],
  ['/traces?live=true', '.trace-link'],
  ['/map', '.map-node'],
  ['/try', 'main button'],
  [`/trace/${request?.traceId}`, '[role="row"] [role="gridcell"]'],
] as const;

/** Views that show what is stored. The night tries all of them, the day the first and the last, which differ most. */
const STORED_VIEWS = VIEWS.filter(
  ([path], at) => path !== '/try' && (IS_NIGHT || [0, VIEWS.length - 1].includes(at)),
);

// All views are shown by one explorer.
const { page, origin, problems } = await openPage(t, {
  path: false,
  fill: (store) =>
    storeSpans(
      store,
      demo.flatMap(({ spans }) => spans),
    ),
});

const MODES = {
  'a telephone of 400 px': { width: 400, height: 800 },
  'a window of 1,280 px at 200 % zoom': { width: 640, height: 400 },
  'reduced motion': { width: 1280, height: 800, reducedMotion: 'reduce' },
  'forced colours': { width: 1280, height: 800, forcedColors: 'active' },
} as const;

t.test('every view can be used', async (t) => {
  // By day every other view.
  for (const [path, ready] of VIEWS.filter((_, at) => IS_NIGHT || at % 2 === 0)) {
    await t.test(path, async (t) => {
      let isOpen = false;
      for (const [name, mode] of Object.entries<Mode>(MODES)) {
        await page.setViewportSize(mode);
        await page.emulateMedia({
          reducedMotion: mode.reducedMotion ?? null,
          forcedColors: mode.forcedColors ?? null,
        });
        if (!isOpen || IS_NIGHT) await page.goto(origin + path);
        isOpen = true;
        await page.locator(ready).first().waitFor();
        await nextFrames(page);
        t.same(await outOfReach(page), [], `${name}: nothing is beside the window`);
        if (mode.reducedMotion) t.equal(await moving(page), 0, `${name}: nothing moves`);
        if (mode.forcedColors) t.same(await erased(page), [], `${name}: what is chosen can be told apart`);
      }
    });
  }
  t.same(problems, []);
});

t.test('the window says which one a view is about, and no longer once it is left', async (t) => {
  const get = async (path: string) => (await fetch(origin + path)).json();
  const { causes } = (await get('/api/causes')) as {
    causes: { id: string; sentence: string; example?: string }[];
  };
  const [first, second] = causes;
  const id = request?.traceId ?? '';
  const titleOf = async (path: string, start: string) => {
    await page.goto(origin + path);
    await until(async () => (await page.title()).startsWith(start), { what: `${path}: ${start}` });
    t.pass(path);
  };
  await titleOf(`/cause/${first?.id}`, first?.example ?? first?.sentence ?? '');
  await titleOf('/service/web-frontend', 'Service web-frontend');
  await titleOf(`/trace/${id}`, `Trace ${id.slice(0, 8)}`);
  await titleOf(`/conversation/${id}`, `Conversation ${id.slice(0, 8)}`);
  await titleOf('/query', 'Query: ');
  await titleOf('/', 'Overview');
  await page.locator(`main a[href^="/cause/${second?.id}"]`).first().click();
  await until(async () => (await page.title()).startsWith(second?.example ?? second?.sentence ?? '?'), {
    what: 'another cause',
  });
  await page.goBack();
  await until(async () => (await page.title()).startsWith('Overview'), { what: 'the overview again' });
});

t.test('after an outage every view goes on by itself', async (t) => {
  for (const [path, ready] of STORED_VIEWS) {
    await page.route(/\/(?:api|1)\//, (route) => route.abort());
    await page.goto(origin + path);
    await page.getByRole('alert').first().waitFor();
    await page.unrouteAll();
    await page.locator(ready).first().waitFor();
    // Each part of a view asks again after a pause of its own.
    const alerts = page.locator('#view').getByRole('alert');
    await until(async () => (await alerts.count()) === 0, { what: path });
    t.pass(path);
  }
});

t.test('without an answer or a session every view says so once, and keeps what it shows', async (t) => {
  const all = [
    ...STORED_VIEWS.map(([path, ready]) => [path, ready]),
    ['/service/web-frontend', '.overview-totals'],
  ];
  const views = IS_NIGHT ? all : all.slice(0, 1);
  for (const [path = '', ready = ''] of views) {
    await page.goto(origin + path);
    await page.locator(ready).first().waitFor();
    for (const [status, said] of [
      [0, 'The explorer does not answer'],
      [401, 'You are no longer logged in'],
    ] as const) {
      const place = async () => (await page.locator(ready).first().boundingBox())?.y;
      const shown = await place();
      await intercept(page, /\/(?:api|1)\//, (route) =>
        status === 0 ? route.abort() : route.fulfill({ status, json: { title: 'Log in' } }),
      );
      await page.keyboard.press('r');
      await page.getByRole('alert').getByText(said).waitFor();
      t.equal(await page.getByRole('alert').count(), 1, `${path}: ${said}, once`);
      t.equal(await place(), shown, `${path}: nothing moves`);
      await page.unrouteAll();
      await page.getByRole('alert').waitFor({ state: 'detached' });
    }
  }
});

t.test('a view that shows nothing yet says itself that nobody answers, and goes on by itself', async (t) => {
  await page.goto(origin);
  await page.locator('.overview-totals').waitFor();
  await intercept(page, /\/(?:api|1|assets)\//, (route) => route.abort());
  await page.locator('nav a', { hasText: 'Logs' }).click();
  const said = page.locator('main').getByRole('alert').getByText('The explorer does not answer');
  await said.waitFor();
  t.equal(await page.getByRole('alert').count(), 1, 'once');
  await page.unrouteAll();
  await page.getByRole('searchbox', { name: 'Text', exact: true }).waitFor();
  await said.waitFor({ state: 'detached' });
});

t.test('a printed page can be read, and has no controls', async (t) => {
  for (const [path, ready] of STORED_VIEWS) {
    await page.emulateMedia({ media: null, colorScheme: 'dark', forcedColors: 'none' });
    await page.goto(origin + path);
    await page.locator(ready).first().waitFor();
    await page.emulateMedia({ media: 'print' });
    t.same(await wrongOnPaper(page), [], path);
    t.ok(await page.locator(ready).first().isVisible(), `${path} is there`);
  }
  await page.emulateMedia({ media: null, colorScheme: 'light', forcedColors: null });
});

interface Mode {
  readonly width: number;
  readonly height: number;
  readonly reducedMotion?: 'reduce';
  readonly forcedColors?: 'active';
}

/** Resolves when what follows from the window's new size has been drawn. */
function nextFrames(page: Page): Promise<void> {
  return page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );
}

/** Controls that no scrolling brings into the window, and the page itself when it scrolls sideways. */
function outOfReach(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (element: Element): boolean => {
      for (let at = element.parentElement; at !== null; at = at.parentElement) {
        if (at.id === 'view') return false;
        if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
      }
      return false;
    };
    const found: string[] = [];
    const page = document.scrollingElement;
    if (page !== null && page.scrollWidth > page.clientWidth) found.push(`the page: ${page.scrollWidth} px`);
    const view = document.querySelector('#view');
    if (view !== null && view.scrollWidth > view.clientWidth) found.push(`the view: ${view.scrollWidth} px`);
    for (const control of document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')) {
      const { left, right, height } = control.getBoundingClientRect();
      const isSeen = height > 0 && control.checkVisibility({ visibilityProperty: true });
      if (!isSeen || control.matches('.skip-link') || scrolls(control)) continue;
      if (left < -1 || right > width + 1)
        found.push(`${control.outerHTML.slice(0, 120)}: ${left} to ${right}`);
    }
    return found;
  });
}

t.test('one of something is not called by its plural in any view', async (t) => {
  const traceId = randomId(16);
  const { page, visit, problems } = await openPage(t, {
    path: false,
    async fill(store) {
      await storeSpans(store, [{ traceId, service: 'shop', name: 'GET /', kind: 2, durationMs: 5 }]);
      await storeLogs(store, [{ service: 'shop', body: 'only one', time: BigInt(Date.now()) * 1_000_000n }]);
    },
  });
  const heatmap = askFor({ calculations: [{ op: 'HEATMAP', column: 'duration_ms' }] });
  for (const [path, ready] of [
    ['/', '.overview-totals'],
    ['/service/shop', '.overview-totals'],
    [heatmap, '.heatmap canvas'],
    ['/traces', '.trace-link'],
    ['/logs', '.log-rows .log-text'],
    ['/map', '.map-node'],
    ['/verify', 'main h1'],
    ['/sampling', 'main .data-table'],
    [`/trace/${traceId}`, 'aside .field-line'],
  ] as const) {
    await visit(path);
    await page.locator(ready).first().waitFor();
    await nextFrames(page);
    const hidden = await page
      .locator('[aria-label], [title]')
      .evaluateAll((all) => all.flatMap((each) => [each.ariaLabel ?? '', each.getAttribute('title') ?? '']));
    const said = [await shownText(page.locator('body')), ...hidden];
    const wrong = said.flatMap(
      (text) => text.match(/(?<![\d.,] ?)\b1 (?!(?:has|is|was|ms|µs|ns|s)\b)[a-z]+s\b/g) ?? [],
    );
    t.same(wrong, [], path);
  }
  t.same(problems, []);
});
