import { decodedLogs } from '@tandem/otlp/testing';
import type { Locator } from 'playwright-core';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { randomId, storeSpans } from '../../spans.ts';
import { holdRequests, intercept, openPage } from '../browser.ts';
import { hasFocus, hasFocusOn } from '../focus.ts';
import { storeHomeTrace } from '../trace-fixtures.ts';
import { sendTraffic } from '../traffic.ts';

const now = Date.now();
const at = (secondsAgo: number) => BigInt(now - secondsAgo * 1000) * 1_000_000n;

let traceId = '';
const { page, origin, store, problems, reset, visit } = await openPage(t, {
  path: false,
  async fill(store) {
    await sendTraffic(store, { traces: 40 });
    await storeSpans(
      store,
      Array.from({ length: 40 }, (_, i) => ({ name: `GET /route-${i}`, kind: 2, start: at(60 + i) })),
    );
    ({ traceId } = await storeHomeTrace(store));
    await storeHomeTrace(store);
  },
});

async function press(name: string | RegExp): Promise<void> {
  const button = page.getByRole('button', { name }).first();
  await button.focus();
  await page.keyboard.press('Enter');
  await button.waitFor({ state: 'detached' });
}

t.test('Tab goes on from the place of a removed element that had the focus', async (t) => {
  await visit('/logs?where=user.id%253Dada,user.id%253Dworf');
  await press('Remove user.id=ada');
  await page.keyboard.press('Tab');
  await hasFocusOn(page, 'Remove user.id=worf');

  await page.goto(`${origin}/trace/${traceId}?range=2-20`);
  await press('Undo Zoom');
  await page.keyboard.press('Tab');
  await hasFocus(page.getByRole('radio', { name: 'Waterfall' }));
  t.same(problems, []);
});

t.test('a closed dialog, menu or panel gives the focus back', async (t) => {
  await visit(`/trace/${traceId}`);
  await page.locator('.span-row').first().waitFor();
  await page.getByRole('button', { name: 'Compare …' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.compare-choice').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Stop comparing/ }).waitFor();
  await hasFocus(page.getByRole('button', { name: 'Compare …' }));
  t.same(problems, []);
});

t.test(
  'what is typed before the box to go anywhere has loaded is kept; Enter on an empty box does nothing',
  async (t) => {
    const held = Promise.withResolvers<void>();
    await visit('/map');
    await page.getByRole('button', { name: /^Go to/ }).waitFor();
    await page.waitForLoadState('networkidle');
    await intercept(page, '**/*.js', async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.keyboard.press('g');
    await page.keyboard.type('logx');
    await page.keyboard.press('Backspace');
    held.resolve();
    const box = page.getByRole('combobox', { name: /^Trace, link/ });
    await box.waitFor();
    t.equal(await box.inputValue(), 'log');
    await page.keyboard.type('s');
    t.equal(await box.inputValue(), 'logs', 'typing goes on behind it');
    await box.fill('');
    await page.locator('.suggestions [role=option]').first().waitFor();
    await page.keyboard.press('Enter');
    t.equal(await page.locator('.suggestions [aria-selected=true]').count(), 0);
    t.equal(await page.getByRole('alert').count(), 0, 'and no complaint');
    await page.keyboard.press('ArrowDown');
    await page.locator('.suggestions [aria-selected=true]').waitFor();
    t.match(page.url(), '/map');
    t.same(problems, []);
  },
);

for (const [what, spans, found] of [
  ['an app whose spans have no http.route', [{ service: 'mail', name: 'Send/Now', kind: 2 }], /^Send.Now/],
  ['no span at all', [], /^Map/],
] as const)
  t.test(`with ${what}, the box to go anywhere asks nothing that is refused`, async (t) => {
    const { page, problems } = await openPage(t, { fill: (store) => storeSpans(store, spans) });
    await page.locator('nav a[aria-current=page]').waitFor();
    await page.keyboard.press('g');
    await page.getByRole('combobox', { name: /^Trace, link/ }).fill(found.source.slice(1, 4));
    await page.getByRole('option', { name: found }).waitFor();
    await page.waitForLoadState('networkidle');
    t.same(problems, []);
  });

t.test(
  'the box to go anywhere finds a user with the number of traces, and a cause that was found',
  async (t) => {
    const failed = {
      kind: 2,
      status: 2,
      statusMessage: 'no such cart',
      service: 'shop',
      name: 'GET /cart',
    } as const;
    const { page, problems } = await openPage(t, {
      path: '/',
      fill: (store) =>
        storeSpans(store, [
          ...Array.from({ length: 12 }, () => ({ attributes: { 'user.id': 'worf' } })),
          { ...failed, attributes: { 'user.id': 'tasha' } },
        ]),
    });
    await page.locator('.cause-link').first().waitFor();
    await page.keyboard.press('g');
    const box = page.getByRole('combobox', { name: /^Trace, link/ });
    await box.fill('wor');
    await page.getByRole('option', { name: 'worf user 12 traces' }).click();
    await page.waitForURL((url) => url.searchParams.get('field') === 'user.id=worf');
    await page.locator('.trace-link').nth(11).waitFor();
    let looks = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/causes')) looks++;
    });
    await page.keyboard.press('g');
    await box.fill('no such cart');
    await page.getByRole('option', { name: /no such cart cause shop/ }).waitFor();
    t.equal(looks, 0, 'nobody looks into the traces anew');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname.startsWith('/cause/'));
    t.same(problems, []);
  },
);

t.test(
  'Enter before the names have been read goes to the first that fits, as soon as it is known',
  async (t) => {
    await visit('/map');
    await page.locator('nav a[aria-current=page]').waitFor();
    const release = await holdRequests(page, '**/api/status*');
    await page.keyboard.press('g');
    const box = page.getByRole('combobox', { name: /^Trace, link/ });
    await box.waitFor();
    await page.keyboard.type('over 300');
    await page.keyboard.press('Enter');
    await page.getByText('Reading services').waitFor();
    t.equal(await page.getByRole('alert').count(), 0, 'nothing is called absent that is not known yet');
    release();
    await page.waitForURL((url) => url.pathname === '/query');
    t.equal(await box.count(), 0);

    const again = await holdRequests(page, '**/api/status*');
    await page.keyboard.press('g');
    await box.waitFor();
    await page.keyboard.type('no such name');
    await page.keyboard.press('Enter');
    again();
    await page.getByText('Nothing is named “no such name”.').waitFor();
    t.same(problems, []);
  },
);

t.test('a dialog that is opened as another goes stays open', async (t) => {
  await visit('/map');
  await page.locator('nav a[aria-current=page]').waitFor();
  await page.keyboard.press('g');
  const box = page.getByRole('combobox', { name: /^Trace, link/ });
  await box.fill(`${origin}/logs`);
  await page.evaluate(() => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('dialog') !== null) return;
      observer.disconnect();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'g', bubbles: true }));
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
  await page.keyboard.press('Enter');
  await page.waitForURL('**/logs');
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  t.equal(await box.inputValue(), '', 'the second dialog');
  await page.keyboard.press('Escape');
  t.same(problems, []);
});

t.test('one trace of a list after the other: the focus stays where a person goes on', async (t) => {
  await visit('/traces?name=GET+%2Fapi%2Factivities%2Fhome&service=web');
  await page.locator('.trace-link').first().click();
  const isAt = (place: string) => page.getByText(place, { exact: true }).waitFor();
  const isShown = () => page.locator('.span-row').first().waitFor();
  await isAt('1 of 2');
  const next = page.getByRole('button', { name: 'Next trace of the list' });
  await next.focus();
  await page.keyboard.press('Enter');
  await isAt('2 of 2');
  await isShown();
  await hasFocusOn(page, 'Next trace of the list');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+Tab');
  await hasFocusOn(page, 'Previous trace of the list');
  await page.keyboard.press('Enter');
  await isAt('1 of 2');
  await isShown();
  await hasFocusOn(page, 'Previous trace of the list');

  await page.locator('[role="treegrid"]').focus();
  await page.keyboard.press('J');
  await isAt('2 of 2');
  await isShown();
  await hasFocus(page.getByRole('treegrid'));
  t.same(problems, []);
});

/** Pixels from the window's top; undefined while it is not in the document. */
const topOf = (element: Locator) =>
  element.evaluateAll(([first]) =>
    first === undefined ? undefined : Math.round(first.getBoundingClientRect().y),
  );

t.test('Back to the list of traces: the same rows, and the link', async (t) => {
  const { page, store, problems } = await openPage(t, {
    path: '/traces',
    fill: (store) =>
      storeSpans(
        store,
        Array.from({ length: 200 }, (_, i) => ({
          name: `GET /number-${i}`,
          start: at(60 + i),
          durationMs: 5,
        })),
      ),
  });
  await page.getByRole('button', { name: 'Older ones' }).click();
  await page.locator('tbody tr:nth-child(100)').waitFor();
  await page.evaluate(() => scrollTo({ top: 60 * 32 + 7 }));
  const link = page.locator('.trace-link', { hasText: 'GET /number-70' });
  await link.waitFor();
  const top = await topOf(link);
  await link.click();
  await page.locator('.span-row').first().waitFor();
  await page.locator('#view:focus').waitFor();

  await page.goBack();
  await until(async () => (await topOf(link)) === top);
  await hasFocus(link);
  await storeSpans(store, [{ name: 'later' }]);
  await page.locator('nav a', { hasText: 'Map' }).click();
  await page.locator('.map-node').first().waitFor();
  await page.locator('nav a', { hasText: 'Traces' }).click();
  await page.locator('.trace-link', { hasText: 'later' }).waitFor();
  t.equal(await page.evaluate(() => scrollY), 0, 'a visit of its own');
  t.same(problems, []);
});

atNight(t).test('Back to the log lines: the same lines, some pages down', async (t) => {
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId, name: 'GET /lines', start: at(3000) }]);
  const lines = Array.from({ length: 1500 }, (_, i) => ({
    service: 'api',
    time: at(1 + i),
    severity: 9,
    body: `line ${i}.`,
    traceId,
  }));
  await store.write(decodedLogs(lines));
  await visit('/logs');
  const line = (name: string) => page.locator('.log-rows .log-line', { hasText: name });
  await line('line 0.').waitFor();
  await until(() =>
    page.evaluate(() => {
      scrollTo({ top: 1200 * 26 + 9 });
      return scrollY === 1200 * 26 + 9;
    }),
  );
  await line('line 1204.').click();
  const top = await topOf(line('line 1203.'));
  await page
    .locator('.log-panel')
    .getByRole('link', { name: /In its trace/ })
    .click();
  await page.locator('.span-row').first().waitFor();
  await page.goBack();
  await until(async () => (await topOf(line('line 1203.'))) === top);
  await hasFocus(page.locator('.log-panel').getByRole('link', { name: /In its trace/ }));
  t.same(problems, []);
});

atNight(t).test(
  'a view that is new begins at its top; Back to the overview is back where it was',
  async (t) => {
    await visit('/?last=600', { height: 300 });
    // What is wrong stands above the link.
    await page.locator('.cause-link').first().waitFor();
    const link = page.getByRole('link', { name: /^All \d+ routes/ });
    await link.scrollIntoViewIfNeeded();
    t.ok((await page.evaluate(() => scrollY)) > 100);
    const top = await topOf(link);
    await link.focus();
    await page.keyboard.press('Enter');
    await page.locator('main h1').waitFor();
    t.equal(await page.evaluate(() => scrollY), 0);
    await page.goBack();
    await until(async () => (await topOf(link)) === top);
    await hasFocus(link);
    t.same(problems, []);
  },
);

/** What stays where it is in a narrow window does so in a wide one, which the night tries. */
const WIDTHS = IS_NIGHT ? [1280, 400] : [400];

for (const width of WIDTHS)
  t.test(`nothing below the charts of an overview of ${width} px moves when they are read`, async (t) => {
    await reset({ width, height: 500 });
    const showCharts = await holdRequests(page, '**/1/query_results/**');
    const showFigures = await holdRequests(page, '**/api/overview*');
    await page.goto(`${origin}/?last=600`);
    await page.locator('.overview-cards > .card').first().waitFor();
    showFigures();
    await page.locator('.overview-charts .busy').waitFor();
    await page.locator('.cause-row').first().waitFor();
    const link = page.getByRole('link', { name: /^All \d+ routes/ });
    await link.scrollIntoViewIfNeeded();
    const top = await topOf(link);
    showCharts();
    await page.locator('.overview-plot canvas').first().waitFor();
    t.equal(await topOf(link), top, 'nothing moved');
    t.same(problems, []);
  });

t.test('room is kept for as many rows as fit, or as there were', async (t) => {
  await reset({ height: 700 });
  const room = page.locator('.busy-rows');
  const waiting = async (path: string, asks: string, within = '') => {
    const release = await holdRequests(page, asks);
    await page.goto(origin + path);
    const rows = page.locator(`${within} .busy-rows`);
    await rows.waitFor();
    const box = await rows.boundingBox();
    release();
    await rows.waitFor({ state: 'detached' });
    return { height: box?.height ?? 0, end: (box?.y ?? 0) + (box?.height ?? 0) };
  };
  const first = await waiting('/runs', '**/api/runs');
  t.ok(first.end <= 700 && first.end > 700 - 64, `to the end of the window: ${first.end}`);
  const causes = await waiting('/', '**/api/causes?*', '.what-is-wrong');
  t.ok(
    causes.height % 54 === 0 && causes.height > 54 && causes.height <= 7 * 54,
    `up to seven rows of a cause: ${causes.height}`,
  );
  await room.first().waitFor({ state: 'detached' });
});

t.test('what is awaited stands on the ground that it will have', async (t) => {
  for (const [path, asks, rows, shown] of [
    ['/verify', '**/api/verify*', '.busy-rows', 'main .card'],
    ['/', '**/api/overview*', '.overview-view > .busy-rows', '.columns > .card'],
  ] as const) {
    await reset();
    const release = await holdRequests(page, asks);
    await page.goto(origin + path);
    // As it is drawn: with the ground of what it stands on where it has none.
    const groundOf = (element: Element) => {
      const { left } = element.getBoundingClientRect();
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const { backgroundColor: color } = getComputedStyle(at);
        if (color !== 'rgba(0, 0, 0, 0)') return { color, left };
      }
      return { left };
    };
    const awaited = await page.locator(rows).first().evaluate(groundOf);
    release();
    t.same(await page.locator(shown).first().evaluate(groundOf), awaited, path);
    await page.unrouteAll();
  }
});

const READ_AGAIN = [
  {
    path: '/traces',
    asks: '**/api/traces?*',
    button: 'Took',
    says: 'Looking for traces …',
    below: 'tbody tr',
  },
  { path: '/', asks: '**/api/overview*', button: undefined, says: 'Adding up …', below: '.overview-totals' },
  { path: '/map', asks: '**/api/map*', button: undefined, says: 'Reading the map …', below: '.map-drawing' },
];
for (const width of WIDTHS)
  for (const { path, asks, button, says, below } of IS_NIGHT ? READ_AGAIN : READ_AGAIN.slice(1, 2))
    t.test(`${path} of ${width} px stays where it is while it is read again`, async (t) => {
      await visit(path, { width });
      const shown = page.locator(below).first();
      await shown.waitFor();
      const top = await topOf(shown);
      const release = await holdRequests(page, asks);
      if (button === undefined) await page.keyboard.press('r');
      else await page.getByRole('button', { name: button }).first().click();
      await page.getByText(says).waitFor();
      t.equal(await topOf(shown), top);
      release();
      await page.getByText(says).waitFor({ state: 'detached' });
      t.same(problems, []);
    });

atNight(t).test(
  'spans that arrive while the overview is read again are said after it, and nothing moves',
  async (t) => {
    await visit('/', { width: 400 });
    const totals = page.locator('.overview-totals');
    await totals.waitFor();
    const top = await topOf(totals);
    const release = await holdRequests(page, '**/api/overview*');
    await page.keyboard.press('r');
    await page.getByText('Adding up …').waitFor();
    const live = await page.evaluateHandle(
      () =>
        new Promise<{ told: Promise<Event> }>((listening) => {
          const source = new EventSource('/api/live');
          const told = new Promise<Event>((tell) => source.addEventListener('traces', tell));
          source.addEventListener('hello', () => listening({ told }));
        }),
    );
    await storeSpans(store, [{ name: 'later' }]);
    await live.evaluate(async ({ told }) => void (await told));
    t.equal(await topOf(totals), top);
    release();
    await page.getByRole('button', { name: 'Show new spans' }).waitFor();
    t.equal(await topOf(totals), top);
    t.same(problems, []);
  },
);
