import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import {
  demoTraces,
  FAILING_SERVICE,
  SLOW_DATABASE,
  SLOW_USER,
} from '../../../../testing/demo-data/index.ts';
import { holdRequests, openPage } from '../../../page/browser.ts';
import { chooseTime } from '../../../page/choose.ts';
import { hasFocus } from '../../../page/focus.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { keyboardReader, mouseReader } from '../../../page/reader.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { randomId, storeLogs, storeSpans } from '../../../spans.ts';

const { page, context, origin, problems, reset, violations, visit } = await openPage(t, {
  path: false,
  fill: (store) =>
    storeSpans(
      store,
      [...demoTraces({ spans: 4000, small: true })].flatMap((trace) => trace.spans),
    ),
});

t.test('the first screen says what is wrong, since when and for whom; each figure is a link', async (t) => {
  await visit('/', { width: 1280, height: 720 });
  await page.locator('.overview-totals').waitFor();
  t.match(await shownText(page.locator('.overview-totals')), /230\s+services/);
  const table = (name: string) => page.getByRole('region', { name });
  t.match(await shownText(table('Slowest users').locator('tbody a').first()), SLOW_USER);
  const causes = page.locator('.cause-row');
  await causes.first().waitFor();
  const shown = await causes.allInnerTexts();
  t.equal(shown.length, 7);
  const sparks = await causes
    .locator('svg[role="img"]')
    .evaluateAll((all) => all.map((spark) => spark.getBoundingClientRect().left));
  t.equal(new Set(sparks).size, 1, `their charts begin at one place: ${sparks}`);
  const cut = (all: (HTMLElement | SVGElement)[]) =>
    all
      .filter((each) => each.scrollWidth > each.clientWidth + 1 && !each.getAttribute('title'))
      .map((each) => each.outerHTML);
  t.same(await page.locator('.cause-link').evaluateAll(cut), [], 'what is cut is whole in its title');
  // After midnight, what began before it has its date.
  t.ok(
    shown.every((text) => /since (?:\w+ \d+ )?\d\d:\d\d.*\d (?:request|message|job|trace)/su.test(text)),
    shown.join('\n'),
  );
  const bottom = await causes.last().evaluate((each) => each.getBoundingClientRect().bottom);
  t.ok(bottom < 720, 'all of them without a scroll');
  t.equal(await page.locator('.columns a:not([href])').count(), 0);

  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  // By keyboard at night: Tab goes past each of 230 services. views/trace/jobs.browser.test.ts has one by keyboard.
  for (const kind of IS_NIGHT ? (['mouse', 'keyboard'] as const) : (['mouse'] as const)) {
    const reader = () => (kind === 'mouse' ? mouseReader() : keyboardReader(page));
    await t.test(`${kind}: who is slow and why, in four presses`, async (t) => {
      await page.goto(origin);
      const person = reader();
      await person.press(table('Slowest users').locator('tbody a').first());
      await page.waitForURL('**/traces?**');
      const first = page.locator('tbody tr').first();
      t.match(await shownText(first.locator('.most-time')), /\d+ %/, 'the list says where the time went');
      await person.press(first.locator('.trace-link'));
      await page.locator('.span-row').first().waitFor();
      t.ok(person.presses <= 4);
    });
    await t.test(`${kind}: which dependency costs most, in two presses`, async (t) => {
      await page.goto(origin);
      const person = reader();
      const slowest = table('Figures of dependencies').locator('tbody tr a').first();
      t.match(await shownText(slowest), `${SLOW_DATABASE.system} ${SLOW_DATABASE.namespace}`);
      await person.press(slowest);
      await page.locator('main h1', { hasText: `db.namespace = ${SLOW_DATABASE.namespace}` }).waitFor();
      await page
        .getByRole('cell', { name: `SELECT ${SLOW_DATABASE.namespace}` })
        .first()
        .waitFor();
      t.ok(person.presses <= 2);
    });
    await t.test(`${kind}: all traces of a cause, and since when, in one press`, async (t) => {
      await page.goto(origin);
      const person = reader();
      await person.press(page.locator('.cause-link').first());
      await page.waitForURL('**/cause/**');
      await page.locator('.facts', { hasText: /since (?:\w+ \d+ )?\d\d:\d\d/ }).waitFor();
      await page.getByRole('heading', { name: /^Its .*trace/ }).waitFor();
      await page.locator('.trace-list .trace-link').first().waitFor();
      t.ok(person.presses <= 1);
    });
    await t.test(`${kind}: share this view, in two presses`, async (t) => {
      await page.goto(`${origin}/?last=21600`);
      const person = reader();
      await person.press(page.getByRole('button', { name: 'More', exact: true }));
      await person.press(page.getByRole('menuitem', { name: 'Copy link' }));
      await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
      t.equal(await page.evaluate(() => navigator.clipboard.readText()), `${origin}/?last=21600`);
      t.equal(person.presses, 2);
    });
  }
  await page.goto(origin);
  await page.getByRole('link', { name: /^All \d+ routes as a query/ }).click();
  await page.getByRole('columnheader', { name: 'P95' }).and(page.locator('[aria-sort=descending]')).waitFor();
  const found = page.locator('tbody tr', { hasText: FAILING_SERVICE }).first();
  await found.getByRole('button', { name: FAILING_SERVICE }).click();
  await page.locator('main h1', { hasText: `service.name = ${FAILING_SERVICE}` }).waitFor();
  t.same(problems, []);
});

t.test(
  'after another time is chosen, old figures and causes are marked until the new ones come',
  async (t) => {
    await visit('/');
    await page.locator('.cause-link').first().waitFor();
    const figures = page.locator('.stale-part', { has: page.locator('.overview-totals') });
    const causes = page.locator('.stale-part', { has: page.locator('.cause-list') });
    t.equal(await figures.getAttribute('aria-busy'), 'false');
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/api/causes') && asked.push(request.url()));
    const showFigures = await holdRequests(page, /\/api\/overview\?/);
    const showCauses = await holdRequests(page, /\/api\/causes\?/);
    await chooseTime(page, 'Last day');
    await page.locator('.stale-part[aria-busy=true] .overview-totals').waitFor();
    await page.locator('.stale-part[aria-busy=true] .cause-list').waitFor();
    await showFigures();
    await page.locator('.stale-part[aria-busy=false] .overview-totals').waitFor();
    t.equal(await causes.getAttribute('aria-busy'), 'true', 'the causes are late, and the figures stay');
    await showCauses();
    await page.locator('.stale-part[aria-busy=false] .cause-list').waitFor();
    t.equal(asked.length, 1, 'causes are asked for once');
    t.same(problems, []);
  },
);

t.test(
  'what is wrong stands first, in three window sizes, and is asked for beside the figures',
  async (t) => {
    await reset();
    const showFigures = await holdRequests(page, /\/api\/overview\?/);
    const asked = page.waitForRequest(/\/api\/causes\?/);
    await page.goto(origin);
    await asked;
    await page.locator('.cause-row').first().waitFor();
    t.equal(await page.locator('.overview-totals').count(), 0, 'the figures are late');
    await showFigures();
    await page.locator('.overview-totals').waitFor();
    for (const [width, height] of [
      [1280, 720],
      [400, 800],
      [640, 360],
    ] as const) {
      await page.setViewportSize({ width, height });
      const { y } = (await page.locator('.cause-row').first().boundingBox()) ?? { y: Infinity };
      t.ok(y <= 130, `the first row of ${width} × ${height} is at ${y}`);
    }
    t.same(problems, []);
  },
);

t.test(
  'who comes back finds the rows of before, dimmed, and keeps the focus when they are replaced',
  async (t) => {
    await visit('/');
    const links = page.locator('.cause-link');
    await links.nth(6).waitFor();
    const before = await links.allInnerTexts();
    await links.nth(2).click();
    await page.waitForURL('**/cause/**');
    const show = await holdRequests(page, /\/api\/causes\?/);
    await page.goBack();
    await page.locator('.stale-part[aria-busy=true] .cause-list').waitFor();
    t.same(await links.allInnerTexts(), before);
    await links.nth(4).focus();
    await show();
    await page.locator('.stale-part[aria-busy=false] .cause-list').waitFor();
    await hasFocus(links.nth(4));
    t.same(problems, []);
  },
);

t.test(
  'before the first answer there is room for three rows, and later for as many as there were',
  async (t) => {
    await reset();
    const rows = page.locator('.what-is-wrong .busy-rows');
    const heights: (number | undefined)[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const show = await holdRequests(page, /\/api\/causes\?/);
      await page.goto(origin);
      await rows.waitFor();
      heights.push((await rows.boundingBox())?.height);
      await show();
      await page.locator('.cause-row').first().waitFor();
      await page.unrouteAll();
    }
    t.same(heights, [3 * 54, 7 * 54]);
  },
);

t.test('where nothing is wrong, one line says so, and how much was looked at', async (t) => {
  const { page, violations } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(
        store,
        Array.from({ length: 5 }, () => ({ kind: 2, service: 'shop', name: 'GET /', durationMs: 5 })),
      ),
  });
  const line = page.getByRole('region', { name: 'Nothing is wrong' });
  await line.getByText('5 traces were looked at.').waitFor();
  t.ok(((await line.boundingBox())?.height ?? 99) <= 54, 'one line');
  if (IS_NIGHT) t.same(await violations(), []);
});

t.test(
  'without spans it says how to send one in five languages, and goes away with the first span',
  async (t) => {
    const { page, context, store, problems, violations } = await openPage(t, { path: '/' });
    await page.getByRole('heading', { name: 'No spans yet' }).waitFor();
    if (IS_NIGHT) t.same(await violations(), []);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    for (const [label, line] of [
      ['Node.js', 'auto-instrumentations-node/register'],
      ['Python', 'opentelemetry-instrument python'],
      ['Go', 'otlptracehttp.New'],
      ['Java', '-javaagent:'],
      ['.NET', 'AddOtlpExporter'],
    ] as const) {
      await page.getByRole('tab', { name: label, exact: true }).click();
      await page.getByRole('button', { name: `Copy the lines for ${label}` }).click();
      // Not "Copied" on the page, which may still be about the language before.
      const copied = await until(async () => {
        const text = await page.evaluate(() => navigator.clipboard.readText());
        return text.includes(line) && text;
      });
      t.match(copied, 'OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318');
      t.notMatch(copied, '4317');
    }
    await storeSpans(store, [{ name: 'GET /hello', kind: 2, service: 'first-service' }]);
    await page.getByText('GET /hello').first().waitFor();
    t.equal(await page.getByText('No spans yet').count(), 0);
    t.match(await shownText(page.locator('.overview-totals')), /^Requests.*\b1 in \d/su);
    t.same(problems, []);
  },
);

t.test('without spans but with log lines it leads to these', async (t) => {
  const { page, problems } = await openPage(t, {
    path: '/',
    fill: (store) => storeLogs(store, [{ body: 'hello', service: 'shop' }]),
  });
  await page.getByRole('link', { name: 'Show the 1 log line' }).click();
  await page.waitForURL('**/logs');
  t.same(problems, []);
});

t.test('≈ stands at the figures that are estimated, and at no others', async (t) => {
  const failed = { kind: 2, status: 2, statusMessage: 'refused', durationMs: 5 } as const;
  const { page, problems } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(store, [
        ...Array.from({ length: 3 }, () => {
          const attributes = { SampleRate: 10, 'user.id': 'ada' };
          return { ...failed, service: 'shop', name: 'GET /cart', attributes };
        }),
        { ...failed, service: 'api', name: 'GET /' },
        { ...failed, service: 'api', name: 'GET /home' },
        { service: 'jobs', name: 'step', kind: 3, parentSpanId: randomId(8), durationMs: 5 },
      ]),
  });
  await page.locator('.overview-totals').waitFor();
  t.match(await shownText(page.locator('.overview-totals')), /Requests.*≈\s32 in \d.*Failed\s+≈\s32/su);
  const why = 'a span with sample rate 10 stands for 10 spans';
  for (const figure of await page.locator('.figure').all()) t.match(await figure.getAttribute('title'), why);
  t.notMatch(await shownText(page.locator('.overview-view')), why, 'said where somebody points at a figure');
  const routes = page.getByRole('region', { name: 'Figures of routes' }).locator('tbody tr');
  t.match(
    await shownText(routes.filter({ hasText: 'GET /cart' })),
    /≈\s5\.00\sms, slowest of 3.*✗ ≈\s30 \(≈\s100\s%\).*≈\s30/su,
  );
  t.equal(await routes.locator('.meter').count(), 3, 'the slowest of few stored requests has a bar, too');
  const users = page.locator('section', { has: page.getByRole('heading', { name: 'Slowest users' }) }).last();
  t.match(await shownText(users.locator('tbody tr')), /ada.*≈\s5\.00\sms/su);
  t.notMatch(await shownText(routes.filter({ hasText: 'api' }).first()), '≈');
  const causes = page.locator('.cause-row');
  t.match(await shownText(causes.filter({ hasText: 'shop' })), /≈\s30/u);
  t.notMatch(await shownText(causes.filter({ hasText: 'api' }).first()), '≈');
  await page.getByText('6 traces were looked at').waitFor();
  const orphan = causes.filter({ hasText: 'jobs' });
  t.match(await shownText(orphan), /1 trace\s+of 6 looked at/u, 'of those that were, not of their rates');
  await orphan.locator('.cause-link').click();
  t.match(await shownText(page.locator('.facts')), /1 of 6 looked at/u, 'so on its page');
  await page.goBack();
  await routes.first().waitFor();
  for (const width of [1280, 400]) {
    await page.setViewportSize({ width, height: 800 });
    const cut = await routes
      .locator('.numeric')
      .evaluateAll((cells) =>
        cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent),
      );
    t.same(cut, [], `each figure is whole at ${width} pixels`);
  }
  t.same(problems, []);
});

t.test('the heads of the cards have room for estimates and for what was before', async (t) => {
  const ago = (seconds: number) => BigInt(Date.now() - 1000 * seconds) * 1_000_000n;
  const request = { kind: 2, service: 'shop', name: 'GET /', attributes: { SampleRate: 350 } } as const;
  const { page } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(store, [
        ...Array.from({ length: 40 }, (_, i) => ({ ...request, service: `shop-${i}` })),
        ...Array.from({ length: 40 }, () => ({ ...request, start: ago(4000) })),
        { ...request, start: ago(8000) },
      ]),
  });
  await page.locator('.overview-was').first().waitFor();
  for (const width of [1280, 1024, 400]) {
    await page.setViewportSize({ width, height: 800 });
    const faults = await page.locator('.figure-head').evaluateAll((heads) =>
      heads.flatMap((head) => {
        const [room, figure, rest] = [head, ...head.children].map((each) => each.getBoundingClientRect());
        if (!room || !figure || !rest) return ['an empty head'];
        const faults = Math.max(figure.right, rest.right) > room.right ? ['sticks out'] : [];
        return figure.height > 60 ? [...faults, 'breaks its figure'] : faults;
      }),
    );
    t.same(faults, [], `${width} pixels`);
  }
});

t.test('what an engine counted stands apart, without ≈, and says what was pulled', async (t) => {
  const resource = { 'tandem.run.id': 'one', 'tandem.pull.name': 'prod' };
  const now = Date.now() / 1000;
  const routes = [
    {
      service: 'shop',
      name: 'GET /',
      requests: 1_500_000,
      errors: 21_000,
      p50_ms: 1,
      p90_ms: 20,
      p99_ms: 480,
    },
  ];
  const totals = {
    traces: 2_000_000,
    spans: 9_000_000,
    pulled: 1,
    where: 'traces that touch checkout',
    part: 'it was stopped',
  };
  const pulled = { name: 'prod', start: now - 3600, end: now, ...totals, routes, more_routes: 0 };
  const { page, problems } = await openPage(t, {
    path: '/',
    fill: async (store) => {
      await storeSpans(store, [
        { kind: 2, service: 'shop', name: 'GET /', attributes: { SampleRate: 400 }, resource },
      ]);
      await storeLogs(store, [
        { eventName: 'tandem.pull', body: JSON.stringify(pulled), service: 'prod', resource },
      ]);
    },
  });
  const card = page.getByRole('region', { name: 'Counted by the engine' });
  await card.waitFor();
  const text = await shownText(card);
  t.match(text, /2,000,000 traces that touch checkout with 9,000,000 spans.*1,500,000\s+21,000/su);
  t.match(text, 'The pull is a part: it was stopped.');
  t.notMatch(text, '≈');
  t.same(problems, []);
});

t.test('while the explorer is too busy to read, the page says so, and tries again by itself', async (t) => {
  await reset();
  let refusals = 0;
  await page.route('**/api/overview*', (route) => {
    if (++refusals > 2) return route.continue();
    return route.fulfill({
      status: 503,
      headers: { 'retry-after': '1' },
      contentType: 'application/problem+json',
      json: { title: 'The store is behind', detail: 'Too much else is being read' },
    });
  });
  await page.goto(origin);
  t.match(await shownText(page.getByRole('alert')), /Too much else is being read.*tries again in 1 s/su);
  if (IS_NIGHT) t.same(await violations(), []);
  await page.locator('.overview-totals').waitFor();
  t.equal(await page.getByRole('alert').count(), 0);
  t.ok(refusals > 2);
});

t.test(
  'why nothing of the overview can be read is said once, and one press reads all of it again',
  async (t) => {
    await reset();
    await page.route(/\/api\/(?:overview|causes)|\/1\/query_results/, (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        json: { title: 'The disk is gone', detail: 'The disk of the store is gone' },
      }),
    );
    await page.goto(origin);
    const alert = page.getByRole('alert');
    await alert.first().waitFor();
    await page.waitForLoadState('networkidle');
    t.equal(await alert.count(), 1);
    await page.unrouteAll();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.overview-totals').waitFor();
    await page.locator('.cause-row').first().waitFor();
    await page.locator('.overview-plot canvas').first().waitFor();
    t.equal(await alert.count(), 0);
  },
);

t.test('light and dark, wide and at 400 pixels: nothing for axe to complain of', async (t) => {
  // Axe looks at each row: a few services have all kinds of them.
  const few = [...demoTraces({ spans: 600, services: 20, small: true })].flatMap(({ spans }) => spans);
  const { page, violations, problems } = await openPage(t, {
    path: '/',
    fill: (store) => storeSpans(store, few),
  });
  await page.locator('.cause-link').first().waitFor();
  await eachLook(page, async ({ width }, look) => {
    t.same(await violations(), [], look);
    t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
  });
  await page.emulateMedia({ forcedColors: 'active' });
  const marks = await page
    .locator('.service-mark')
    .evaluateAll((all) => all.slice(0, 60).map((mark) => getComputedStyle(mark).backgroundColor));
  t.ok(new Set(marks).size > 2, 'services keep their colours');
  t.same(problems, []);
});

t.test('the first cause is three keys away, and j and k move between causes', async (t) => {
  await visit('/', { width: 1280, height: 720 });
  const causes = page.locator('.cause-link');
  await causes.nth(6).waitFor();
  await page.keyboard.press('Tab');
  t.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to what is wrong');
  await page.keyboard.press('Enter');
  await hasFocus(causes.first());
  await page.keyboard.press('j');
  await hasFocus(causes.nth(1));
  await page.keyboard.press('k');
  await hasFocus(causes.first());
  await page.keyboard.press('Enter');
  await page.waitForURL('**/cause/**');
  t.same(problems, []);
});

t.test('the heads of the cards stand on one line', async (t) => {
  await visit('/', { width: 1440 });
  await page.locator('.figure-head strong').first().waitFor();
  const tops = await page
    .locator('.figure-head strong')
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
  t.equal(tops.length, 3);
  t.equal(new Set(tops).size, 1, `${tops}`);
  t.same(problems, []);
});

t.test('all causes come in pages, as other lists do', async (t) => {
  const { page, problems } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(
        store,
        Array.from({ length: 25 }, (_, i) => ({ kind: 2, status: 2, service: 'shop', name: `GET /${i}` })),
      ),
  });
  const causes = page.locator('.cause-row');
  await page.getByRole('button', { name: 'All 25 problems' }).click();
  const status = page.getByRole('region', { name: 'What is wrong' }).getByRole('status');
  await status.getByText('1–20 of 25').waitFor();
  const first = await causes.allInnerTexts();
  t.equal(first.length, 20);
  await page.getByRole('button', { name: 'Problems after these' }).click();
  await status.getByText('21–25 of 25').waitFor();
  const rest = await causes.allInnerTexts();
  t.equal(new Set([...first, ...rest]).size, 25);
  t.same(problems, []);
});

t.test('a press on Failed or Duration narrows causes and routes, and a second press ends that', async (t) => {
  await visit('/');
  const routes = page.getByRole('region', { name: 'Figures of routes' }).locator('tbody tr');
  await routes.first().waitFor();
  await page.locator('.cause-row').first().waitFor();
  const all = await routes.count();
  const failed = page.getByRole('button', { name: /^Failed \d/ });
  await failed.click();
  await page.getByRole('heading', { name: 'Routes that fail' }).waitFor();
  t.match(page.url(), 'only=failed');
  const cells = await routes.locator('td:nth-child(3)').allInnerTexts();
  t.ok(cells.length > 0 && cells.every((text) => text.startsWith('✗')), 'each route failed');
  t.equal(await page.locator('.cause-row', { hasText: /took|slow/ }).count(), 0);
  await page.getByRole('button', { name: /^Duration \d/ }).click();
  await page.getByRole('heading', { name: 'Routes slower than most' }).waitFor();
  t.equal(await failed.getAttribute('aria-pressed'), 'false');
  await page.getByRole('button', { name: /^Duration \d/ }).click();
  await page.getByRole('heading', { name: 'Routes', exact: true }).waitFor();
  t.equal(await routes.count(), all);
  t.same(problems, []);
});

t.test('with 60 services no table of 1280 pixels is wider than its card', async (t) => {
  const many = [...demoTraces({ spans: 1500, services: 60, small: true })].flatMap(({ spans }) => spans);
  const { page, problems } = await openPage(t, { path: '/', fill: (store) => storeSpans(store, many) });
  const cards = page.locator('.columns .card');
  await cards.nth(1).waitFor();
  for (const width of [1280, 960]) {
    await page.setViewportSize({ width, height: 720 });
    const [wide, boxes] = await cards.evaluateAll(
      (all) =>
        [
          all.filter((card) => card.scrollWidth > card.clientWidth).map((card) => card.textContent),
          all.map((card) => card.getBoundingClientRect().toJSON()),
        ] as const,
    );
    t.same(wide, [], `${width}`);
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(i + 1))
        t.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top);
  }
  t.same(problems, []);
});

t.test('the overview asks for rows, and for the rest from the same look into the traces', async (t) => {
  await reset();
  const asked: URL[] = [];
  const listen = (request: { url(): string }) => {
    const url = new URL(request.url());
    if (url.pathname === '/api/causes') asked.push(url);
  };
  page.on('request', listen);
  const answer = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/causes');
  await page.goto(origin);
  const { length } = await (await answer).body();
  await page.locator('.cause-row').first().waitFor();
  t.ok(length < 30_000, `${length} bytes of the list`);
  const services = await page.locator('.cause-row .service-name').allInnerTexts();
  t.ok(new Set(services).size >= 4, `the first rows are of several services: ${services}`);
  await page.getByRole('button', { name: /^All \d+ problems/ }).click();
  await until(async () => (await page.locator('.cause-row').count()) > 7, { what: 'all problems' });
  t.same(
    asked.map(({ searchParams }) => [searchParams.get('rows'), searchParams.get('kept')]),
    [
      ['20', null],
      ['200', 'true'],
    ],
  );
  page.off('request', listen);
  t.same(problems, []);
});

t.test('one service with many problems leaves room for the others, and leads to its own page', async (t) => {
  const failing = (service: string, name: string) => ({
    ...{ service, name, kind: 2, durationMs: 5, status: 2 as const, statusMessage: 'refused' },
  });
  const { page, problems } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(store, [
        // Each is worse than those of the others.
        ...[...'abcdefgh', ...'abcdefgh'].map((letter) => failing('pay', `GET /${letter}`)),
        ...[...'abcdef'].map((letter) => failing(letter, 'GET /')),
      ]),
  });
  await page.locator('.cause-row').nth(6).waitFor();
  t.equal(await page.locator('.cause-row').filter({ hasText: 'pay' }).count(), 2);
  await page.getByRole('link', { name: '6 more in pay' }).click({ timeout: 10_000 });
  await page.waitForURL('**/service/pay*');
  await page.locator('.cause-row').nth(6).waitFor();
  t.same(problems, []);
});
