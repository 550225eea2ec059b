import { decodedLogs } from '@tandem/otlp/testing';
import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { randomId, storeSpans, temporaryDirectory } from '../spans.ts';
import { openPage } from './browser.ts';
import { storeHomeTrace } from './trace-fixtures.ts';
import { sendTraffic } from './traffic.ts';

/**
 * What people come for, each by mouse and by keyboard. A step is one click, one text that is typed, or one key that does
 * something; going to a control with Tab belongs to the key that is pressed there.
 */

/** By mouse and by keyboard, no job takes more. */
const MOST_STEPS = 4;
/** There are a few dozen stops before the rows of a list, and up to two for each of them. */
const MOST_TABS = 400;
/** So many are pressed before the test looks where the focus is. */
const TABS_AT_ONCE = 10;

let failing = '';
const versioned = randomId(16);
const lineSpan = randomId(8);
const talks = [randomId(16), randomId(16)] as const;
const savedOps = ['P95', 'P99'];
const { page, origin, context, store, problems } = await openPage(t, {
  path: '/',
  explorer: { queryFolder: temporaryDirectory(t) },
  async fill(store) {
    await sendTraffic(store, { traces: 120 });
    failing = (await storeHomeTrace(store, { failing: true, start: Date.now() - 1000 })).traceId;
    const resource = (version: string) => ({ resource: { 'service.version': version } });
    await storeSpans(store, [
      { name: 'GET /cart', kind: 2, service: 'shop', durationMs: 10, ...resource('1.0.0') },
      {
        name: 'GET /cart',
        kind: 2,
        service: 'shop',
        durationMs: 900,
        traceId: versioned,
        spanId: lineSpan,
        attributes: { 'code.file.path': '/srv/shop/cart.ts', 'code.line.number': 7 },
        ...resource('2.0.0'),
      },
    ]);
    const line = { service: 'shop', severity: 17, body: 'the cart is broken', traceId: versioned };
    await store.write(decodedLogs([{ ...line, spanId: lineSpan }]));
    for (const traceId of talks)
      await storeSpans(store, [
        {
          traceId,
          name: 'chat small',
          kind: 3,
          service: 'agent',
          durationMs: 5,
          attributes: {
            'session.id': 'walk-7',
            'gen_ai.operation.name': 'chat',
            'gen_ai.input.messages': JSON.stringify([{ role: 'user', content: `Asked in ${traceId}` }]),
          },
        },
      ]);
  },
});
await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
page.setDefaultTimeout(60_000);

interface Hand {
  /** Presses a control. */
  press(control: Locator): Promise<void>;
  /** Writes into a control. */
  write(control: Locator, text: string): Promise<void>;
  /** Presses a key of the page, which the mouse has no part in; `instead` is what the mouse presses. */
  key(key: string, instead: Locator): Promise<void>;
  /** Unfolds the only log line: a list has the focus as a whole. */
  line(line: Locator): Promise<void>;
  /** Marks a part of a chart. */
  mark(chart: Locator): Promise<void>;
  steps: number;
}

const mouse = (): Hand => ({
  steps: 0,
  async press(control) {
    this.steps += 1;
    // The line of a call bends: its middle is where its figure is.
    const figure = control.locator('.map-pill');
    await ((await figure.count()) > 0 ? figure : control).click();
  },
  async write(control, text) {
    this.steps += 1;
    await control.fill(text);
  },
  async key(_, instead) {
    await this.press(instead);
  },
  line(line) {
    return this.press(line);
  },
  async mark(chart) {
    this.steps += 1;
    const { x, y, width, height } = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(x + 0.2 * width, y + 0.1 * height);
    await page.mouse.down();
    await page.mouse.move(x + 0.8 * width, y + 0.8 * height, { steps: 4 });
    await page.mouse.up();
  },
});

const keyboard = (): Hand => ({
  steps: 0,
  async press(control) {
    this.steps += 1;
    const isTab = (await control.getAttribute('role')) === 'tab';
    await focusByTab(page, isTab ? page.locator('[role=tab][aria-selected=true]') : control);
    await page.keyboard.press(isTab ? 'Home' : 'Enter');
  },
  async write(control, text) {
    this.steps += 1;
    await focusByTab(page, control);
    await page.keyboard.type(text);
  },
  async key(key) {
    this.steps += 1;
    await page.keyboard.press(key);
  },
  async line() {
    await focusByTab(page, page.getByRole('treegrid', { name: 'Log lines' }));
    await this.key('ArrowDown', page.locator('body'));
    await this.key('Enter', page.locator('body'));
  },
  async mark(chart) {
    this.steps += 1;
    await focusByTab(page, chart);
    await page.keyboard.press('ArrowLeft');
    for (let i = 0; i < 12; i++) await page.keyboard.press('Shift+ArrowLeft');
    for (let i = 0; i < 40; i++) await page.keyboard.press('Shift+ArrowUp');
  },
});

async function focusByTab(page: Page, control: Locator): Promise<void> {
  await control.waitFor();
  const isItem = (await control.getAttribute('role')) === 'menuitem';
  const key = isItem ? 'ArrowDown' : 'Tab';
  for (let i = 0; i < MOST_TABS; i += TABS_AT_ONCE) {
    if (await control.evaluate(stopAt, key)) return;
    for (let press = 0; press < TABS_AT_ONCE; press++) await page.keyboard.press(key);
  }
  throw new Error(`Tab does not lead to ${control}.`);
}

/** Whether an element has the focus. If not, the page keeps the focus there once the key has brought it. */
function stopAt(element: Element, key: string): boolean {
  const isThere = () => element === document.activeElement;
  const before: unknown = Reflect.get(globalThis, 'stop-at');
  if (before instanceof AbortController) before.abort();
  if (isThere()) return true;
  const stop = (event: KeyboardEvent) => {
    if (event.key !== key || !isThere()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const end = new AbortController();
  addEventListener('keydown', stop, { capture: true, signal: end.signal });
  Reflect.set(globalThis, 'stop-at', end);
  return false;
}

const link = (name: string | RegExp) => page.getByRole('link', { name }).first();
const button = (name: string | RegExp) => page.getByRole('button', { name }).first();
const item = (name: string | RegExp) => page.getByRole('menuitem', { name }).first();
const firstTrace = () => page.locator('.trace-link').first();
const combobox = () => page.getByRole('combobox', { name: /^Trace, link/ });

/** Each job from the place where it begins. */
const JOBS: readonly (readonly [job: string, from: string, work: (hand: Hand) => Promise<void>])[] = [
  [
    'a slow endpoint: its cause',
    '/',
    async (hand) => {
      await hand.press(link('Traces'));
      await hand.press(button('Took'));
      await page.waitForURL(/order=slowest/);
      await page.locator('tbody tr:first-child', { hasText: '/cart' }).waitFor();
      await hand.press(page.locator('.trace-link', { hasText: '/api/activities/home' }).first());
      await page.locator('.span-row').first().waitFor();
      await hand.key('c', button('Critical path'));
      const cause = page.locator('.span-row', { hasText: 'SELECT activities' });
      await cause.locator('.bar-critical').first().waitFor({ state: 'attached' });
    },
  ],
  [
    'a user with errors: since when',
    '/traces?errors=true',
    async (hand) => {
      await hand.press(page.locator('.trace-link', { hasText: '@:handle' }).first());
      await page.locator('.findings').waitFor();
      await hand.key('e', page.locator('.findings button').first());
      await hand.press(button('Actions for user.id'));
      await hand.press(item('Where = this value'));
      await page.locator('.heatmap-grid, canvas').first().waitFor();
    },
  ],
  [
    'a slow trace against a normal one',
    '/traces?name=GET+%2Fcart',
    async (hand) => {
      await hand.press(page.locator(`.trace-link[href^="/trace/${versioned}"]`));
      await hand.press(button('Compare …'));
      await hand.press(page.locator('.compare-choice').first());
      await page.getByText(/itself took 890 ms longer/).waitFor();
    },
  ],
  [
    'a log line: the code that failed',
    '/logs',
    async (hand) => {
      const line = page.locator('.log-line', { hasText: 'the cart is broken' });
      await line.waitFor();
      await hand.line(line);
      await hand.press(page.locator('.log-detail').getByRole('link', { name: /In its trace/ }));
      await hand.press(page.getByRole('tab', { name: 'Fields' }));
      await page.getByRole('link', { name: 'shop/cart.ts:7' }).waitFor();
    },
  ],
  [
    'a header of an answer: its waterfall',
    '/map',
    async (hand) => {
      await page.evaluate(
        (id) => navigator.clipboard.writeText(`traceresponse: 00-${id}-b7ad6b7169203331-01`),
        failing,
      );
      hand.steps += 1;
      await page.keyboard.press('Control+V');
      await page.locator('.span-row').first().waitFor();
    },
  ],
  [
    'before and after a deploy',
    `/trace/${versioned}`,
    async (hand) => {
      await hand.press(button('Actions for service.version'));
      await hand.press(item('Group by it'));
      await page.getByRole('cell', { name: '1.0.0' }).waitFor();
      await page.getByRole('cell', { name: '2.0.0' }).waitFor();
    },
  ],
  [
    'share the view',
    `/trace/${failing}?path=critical`,
    async (hand) => {
      await hand.press(button('Copy …'));
      await hand.press(button('Copy link'));
      await page.getByText('Copied').waitFor();
      t.match(await page.evaluate(() => navigator.clipboard.readText()), `/trace/${failing}?path=critical`);
    },
  ],
  [
    'save a query and use it again',
    '/query',
    async (hand) => {
      // Its own query for each hand: a name is not given twice.
      const calculations = [{ op: savedOps.pop(), column: 'duration_ms' }];
      const asked = encodeURIComponent(JSON.stringify({ calculations }));
      await page.goto(`${origin}/query?query=${asked}`);
      await hand.press(page.getByRole('button', { name: 'Saved', exact: true }));
      await page.getByLabel('Name of the query').waitFor();
      await hand.key('Enter', page.getByRole('button', { name: 'Save', exact: true }));
      const said = await page.getByText(/^Saved: queries/).textContent();
      const [, name = ''] = /queries\/(.*)\.json/.exec(said ?? '') ?? [];
      // Some other day.
      await page.goto(`${origin}/query`);
      await page.locator('nav a[aria-current=page]').waitFor();
      await hand.press(page.getByRole('button', { name: 'Saved', exact: true }));
      await hand.press(item(new RegExp(name.replaceAll('-', '.'), 'i')));
      await page.waitForURL((url) => url.href.includes(asked));
    },
  ],
  [
    'one user, live',
    '/',
    async (hand) => {
      await hand.press(link(/^worf/));
      await firstTrace().waitFor();
      await hand.key('L', button(/^Time: /));
      // The key switches at once; the pointer has opened what has the switch.
      if (!page.url().includes('live=true')) await hand.press(page.getByText('Live: new data as it comes'));
      await page.getByText('New traces appear by themselves.').waitFor();
      const name = `later ${randomId(8)}`;
      await storeSpans(store, [
        { name: 'of somebody else', attributes: { 'user.id': 'bayko' } },
        { name, attributes: { 'user.id': 'worf' } },
      ]);
      await page.locator('.trace-link', { hasText: name }).waitFor();
      t.equal(await page.locator('.trace-link', { hasText: 'of somebody else' }).count(), 0);
    },
  ],
  [
    'a newcomer reads the waterfall',
    `/trace/${failing}`,
    async (hand) => {
      await hand.key('?', button('Colours, columns …'));
      const sign = page.getByText('a ring: the span failed');
      const inMenu = page.getByRole('button', { name: 'Signs and keys' });
      await sign.or(inMenu).first().waitFor();
      // The key shows them at once; the pointer has opened what leads to them.
      if (await inMenu.isVisible()) await hand.press(inMenu);
      await sign.waitFor();
    },
  ],
  [
    'what slow requests have in common',
    '/query',
    async (hand) => {
      await page.locator('.heatmap-grid').waitFor();
      await hand.mark(page.locator('.heatmap-grid'));
      await hand.press(button('BubbleUp'));
      await page.locator('.bubbleup-field').first().waitFor();
    },
  ],
  [
    'a time that looks wrong, and what was slow in it',
    '/',
    async (hand) => {
      const chart = page.locator('.overview-brush').first();
      await hand.mark(chart);
      // The pointer marks at once; keys mark with Enter.
      if (!new URL(page.url()).searchParams.has('start')) await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.searchParams.has('start') && url.searchParams.has('end'));
      await page.getByRole('region', { name: 'Slowest users' }).first().waitFor();
    },
  ],
  [
    'who calls a service, and the calls that fail',
    '/map',
    async (hand) => {
      await page.locator('.map-node', { hasText: 'user-lookup' }).waitFor();
      await hand.press(page.locator('.map-call').first());
      await page.waitForURL(/^(?!.*\/map)/);
    },
  ],
  [
    'a trace as a file for a colleague',
    `/trace/${failing}`,
    async (hand) => {
      await hand.press(button('Save …'));
      const file = page.waitForEvent('download');
      await hand.press(button('Page (.html)'));
      t.equal((await file).suggestedFilename(), `trace-${failing}.html`);
    },
  ],
  [
    'a trace that must not stay',
    '/traces',
    async (hand) => {
      const name = `unwanted ${randomId(8)}`;
      await storeSpans(store, [{ name }]);
      await page.reload();
      await hand.press(page.locator('.trace-link', { hasText: name }).first());
      await page.locator('.span-row').first().waitFor();
      await hand.press(button('More'));
      await hand.press(item('Delete …'));
      await hand.press(button('Delete this trace'));
      await page.waitForURL(/\/traces/);
      await firstTrace().waitFor();
      t.equal(await page.locator('.trace-link', { hasText: name }).count(), 0);
    },
  ],
  [
    'all traces of a cause',
    '/',
    async (hand) => {
      await hand.press(page.locator('.cause-link', { hasText: 'SELECT activities' }).first());
      await page.getByRole('heading', { name: /^Its \d+ traces/ }).waitFor();
      await hand.press(firstTrace());
      await page.locator('.span-row', { hasText: 'SELECT activities' }).first().waitFor();
    },
  ],
  [
    'what is wrong: since when',
    '/traces',
    async (hand) => {
      await hand.press(link('Overview'));
      await hand.press(page.locator('.cause-link').first());
      await page.getByText('since when').waitFor();
      await page.locator('.facts time').first().waitFor();
    },
  ],
  [
    'what a service calls most',
    '/traces',
    async (hand) => {
      await hand.key('g', button(/^Go to/));
      await hand.write(combobox(), 'activities-api');
      const service = page.locator('[role=option]', { hasText: 'activities-api' }).first();
      await service.waitFor();
      await hand.key('Enter', service);
      await page.waitForURL(/\/service\/activities-api/);
      await page.getByRole('region', { name: 'Callees' }).first().getByText('user-lookup').waitFor();
    },
  ],
  [
    'only the spans that match',
    `/trace/${failing}`,
    async (hand) => {
      await hand.write(page.getByLabel('Search spans'), 'users');
      await hand.press(button('Only matches'));
      await page.locator('.span-row', { hasText: 'home-result-activities' }).waitFor({ state: 'detached' });
      await page.locator('.span-row', { hasText: 'SELECT users' }).waitFor();
    },
  ],
  [
    'a conversation over traces',
    `/trace/${talks[0]}`,
    async (hand) => {
      await hand.press(link('Conversation'));
      for (const traceId of talks) await page.getByText(`Asked in ${traceId}`).waitFor();
    },
  ],
];

for (const [job, from, work] of JOBS) {
  t.test(`${job}: at most ${MOST_STEPS} steps by mouse, and by keyboard alone`, async (t) => {
    const taken: number[] = [];
    for (const hand of [mouse(), keyboard()]) {
      await page.goto(origin + from);
      await page.locator('nav a[aria-current=page], .span-row').first().waitFor();
      await work(hand);
      taken.push(hand.steps);
    }
    for (const steps of taken) t.ok(steps <= MOST_STEPS, `${taken.join(' and ')} steps`);
    t.comment(`| ${job} | ${taken.join(' | ')} |`);
    t.same(problems, []);
  });
}
