import type { PlainSpan } from '@tandem/otlp/testing';
import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { atNight, IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import type { Report } from '../../../../src/parts/verify/server/schemas.ts';
import { demoTraces, SLOW_DATABASE } from '../../../../testing/demo-data/index.ts';
import { at } from '../../../explorer.ts';
import { intercept, openPage } from '../../../page/browser.ts';
import { chooseTime, shownTime } from '../../../page/choose.ts';
import { hasFocus } from '../../../page/focus.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { sendTraffic } from '../../../page/traffic.ts';
import { randomId, storeSpans } from '../../../spans.ts';

t.test(
  'services and calls with their rates, errors and latencies; a click asks for their spans',
  async (t) => {
    const { page, problems, violations } = await openPage(t, {
      path: '/map',
      fill: (store) => sendTraffic(store, { traces: 60 }),
    });
    await page.locator('.map-node').first().waitFor();
    t.equal(await page.locator('.map-node').count(), 3, 'two services and a database');
    const fillOf = (name: string) =>
      page
        .locator('.map-node', { hasText: name })
        .locator('.map-color')
        .evaluate((each) => each.getAttribute('fill') ?? each.getAttribute('stroke'));
    t.equal(await fillOf('sqlite'), 'var(--cdb)', 'a database has no colour of a service');
    t.not(await fillOf('user-lookup'), await fillOf('activities-api'));
    const buttons = page.locator('.map-zoom');
    t.equal(await buttons.count(), 0, 'nothing to zoom while all of it is in sight');
    await page.keyboard.press('+');
    await buttons.waitFor();
    const [zoom, drawing] = await Promise.all(
      ['.map-zoom', '.map-drawing'].map((each) => page.locator(each).boundingBox()),
    );
    t.ok(
      (zoom?.y ?? 0) >= (drawing?.y ?? 0) + (drawing?.height ?? 0),
      'the buttons of the zoom cover no box',
    );
    await buttons.getByRole('button', { name: 'Fit' }).press('Enter');
    await buttons.waitFor({ state: 'detached' });
    await hasFocus(page.locator('.map-drawing'));
    t.match(await page.locator('.map-pill').first().textContent(), /6\.67 % failed|P95/);
    t.same(await violations(), []);
    await page.getByRole('radio', { name: 'Tables' }).check();
    const [services, calls] = [page.getByRole('table').nth(0), page.getByRole('table').nth(1)];
    const row = await services.getByRole('row', { name: /user-lookup/ }).textContent();
    t.match(row, /service60.*1\/min.*✗ 4 \(6\.67 %\)/);
    t.match(await calls.textContent(), /activities-api → .*user-lookup/);
    t.same(await violations(), []);

    await page.getByRole('radio', { name: 'Whole map' }).check();
    await page.locator('.map-node', { hasText: 'user-lookup' }).click();
    await page.waitForURL((url) => url.pathname === '/service/user-lookup');
    await page.getByRole('cell', { name: 'GET /api/users' }).waitFor();
    await page.getByRole('link', { name: 'Callers and callees' }).click();
    await page.locator('.map-node.selected', { hasText: 'user-lookup' }).waitFor();
    await page.getByText('no callees').waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByRole('radio', { name: 'Tables' }).check();
    await services
      .getByRole('row', { name: /user-lookup/ })
      .getByTitle('Its spans')
      .click();
    await page.getByRole('heading', { name: /^Query: .*service\.name = user-lookup/ }).waitFor();
    await page.goBack();
    await page.getByRole('radio', { name: 'Whole map' }).check();
    await page.locator('.map-call .map-pill').first().click();
    await page.getByRole('heading', { name: /^Query: .*parent\.service\.name = activities-api/ }).waitFor();
    await page.getByRole('tab', { name: 'Raw rows', selected: true }).waitFor();
    await page.locator('a[href^="/trace/"]').first().waitFor();
    await page.goBack();
    await page.getByRole('radio', { name: 'Tables' }).check();
    await calls
      .getByRole('row', { name: /activities-api → .*sqlite/ })
      .getByTitle('Its spans')
      .last()
      .click();
    await page.getByRole('heading', { name: /^Query: .*db\.system\.name = sqlite/ }).waitFor();
    await page.locator('a[href^="/trace/"]').first().waitFor();
    t.same(problems, []);
  },
);

atNight(t).test(
  'a service with a low score has a mark once a view has read the scores; the map reads none',
  async (t) => {
    const { page, origin, problems } = await openPage(t, {
      path: false,
      fill: (store) =>
        storeSpans(store, [
          { service: 'poor', kind: 3, attributes: { 'http.method': 'GET' } },
          ...Array.from({ length: 30 }, (_, i) => ({
            service: 'poor',
            kind: 1,
            name: `step ${i}`,
            durationMs: 1,
          })),
        ]),
    });
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/api/verify') && asked.push(request.url()));
    await page.goto(`${origin}/map`);
    const box = page.locator('.map-node', { hasText: 'poor' });
    await box.waitFor();
    t.equal(await box.locator('.map-low').count(), 0);
    t.same(asked, []);
    const report = (await (await fetch(`${origin}/api/verify`)).json()) as Report;
    const score = report.services[0]?.score ?? 100;
    await page.getByRole('link', { name: 'Verify' }).click();
    await page.getByRole('cell', { name: `${Math.round(score)}`, exact: true }).waitFor();
    await page.getByRole('link', { name: 'Map' }).click();
    await box.waitFor();
    t.equal(await box.locator('.map-low').count(), score < 75 ? 1 : 0, `${score}`);
    t.same(problems, []);
  },
);

t.test('callers and callees fit at 1,280 pixels; an error lies over the map, which stays', async (t) => {
  const traceId = randomId(16);
  const [first, second] = [randomId(8), randomId(8)];
  const { page } = await openPage(t, {
    path: '/map?service=orders&by=time',
    fill: (store) =>
      storeSpans(store, [
        { traceId, spanId: first, service: 'web', name: 'GET /', kind: 3, durationMs: 30 },
        {
          traceId,
          spanId: second,
          parentSpanId: first,
          service: 'orders',
          name: 'GET /',
          kind: 2,
          durationMs: 20,
        },
        {
          traceId,
          parentSpanId: second,
          service: 'orders',
          name: 'SELECT',
          kind: 3,
          durationMs: 10,
          attributes: { 'db.system.name': 'postgresql' },
        },
      ]),
  });
  const boxes = page.locator('.map-box');
  await boxes.nth(2).waitFor();
  const times = page.locator('.map-call .map-pill text');
  t.match(
    (await times.allTextContents()).join(),
    /20\.0 ms.*10\.0 ms|10\.0 ms.*20\.0 ms/u,
    'the time of each call, not its share of what else is drawn',
  );
  const inside = () =>
    boxes.evaluateAll((all) => {
      const list = document.querySelector('.map-worst')?.getBoundingClientRect();
      return all.every((each) => {
        const box = each.getBoundingClientRect();
        return box.left >= 0 && box.right <= (list?.left ?? 0);
      });
    });
  t.ok(await inside(), 'no box lies below the list');
  const rows = await page
    .locator('.worst-list li')
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
  t.equal(rows.length, 3);
  t.equal(new Set(rows).size, 1, 'the row of a database is as high as that of a service');
  await page.getByRole('radio', { name: 'Whole map' }).check();
  await page.locator('.map-node.selected').waitFor({ state: 'detached' });
  await boxes.nth(2).waitFor();
  t.ok(await inside(), 'nor of the whole map');
  const place = await boxes.first().boundingBox();
  await intercept(page, '**/api/map*', (route) => route.fulfill({ status: 500, json: { title: 'Broken' } }));
  await page.keyboard.press('r');
  await page.getByRole('alert').getByText('Broken').waitFor();
  t.same(await boxes.first().boundingBox(), place);
});

t.test('the time range is in the link; without spans the map says how to send one', async (t) => {
  const { page, problems } = await openPage(t, { path: '/map?last=600' });
  await page.getByRole('heading', { name: 'No spans yet' }).waitFor();
  t.equal(await shownTime(page), 'Last 10 minutes');
  await chooseTime(page, 'Last day');
  await page.waitForURL('**/map?last=86400');
  await page.getByRole('heading', { name: 'No spans yet' }).waitFor();
  t.same(problems, []);
});

atNight(t).test(
  '230 services: the worst and its neighbours, by errors or by time; the tables have all',
  async (t) => {
    const { page, problems, violations } = await openPage(t, {
      path: '/map',
      fill: (store) =>
        storeSpans(
          store,
          [...demoTraces({ spans: 6000, small: true })].flatMap((trace) => trace.spans),
        ),
    });
    await page.locator('.map-node.selected').waitFor();
    const first = await page.locator('.map-node').count();
    t.ok(first > 1 && first < 40, `${first} services to begin with`);
    t.equal(await page.getByRole('radio', { name: 'Path of errors', checked: true }).count(), 1);
    const worst = page.locator('.worst-list li');
    t.equal(await worst.count(), 10);
    const selected = () => page.locator('.map-node.selected title').first().textContent();
    t.match(
      await selected(),
      (await worst.first().locator('.service-name [title]').getAttribute('title')) ?? '',
      'the worst is in the middle',
    );
    await page.getByRole('radio', { name: 'Path of time' }).check();
    await page.waitForURL(/by=time/);
    await page.getByText('Most time of their own').waitFor();
    await worst.nth(2).getByRole('button').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/service=/);
    await until(async () => (await worst.nth(2).getAttribute('aria-current')) === 'true');
    const name = await selected();
    await chooseTime(page, 'Last day');
    await page.waitForURL(/last=86400/);
    await page.getByText('Reading the map').waitFor({ state: 'detached' });
    t.equal(await selected(), name, 'what was chosen stays while the range changes');
    await chooseTime(page, 'Last hour');
    t.equal(await page.getByRole('radio', { name: 'Whole map' }).count(), 0, 'too many lines would cross');
    await page.getByRole('radio', { name: 'Path of errors' }).check();
    await page.waitForURL(/by=errors/);
    await page.getByRole('radio', { name: 'Tables' }).check();
    t.equal(await page.getByRole('table').first().locator('tbody tr').count(), 20);
    await page.getByText(/^1–20 of 2\d\d$/).waitFor();
    const table = page.getByRole('table').first();
    const numbers = async (nth: number) =>
      (await table.locator(`tbody tr td:nth-child(${nth})`).allInnerTexts()).map((text) =>
        Number(text.replace(/^✗ /, '').split(' ')[0]?.replaceAll(',', '')),
      );
    const falls = (all: readonly number[]) => all.join() === all.toSorted((a, b) => b - a).join();
    t.ok(falls(await numbers(5)) && ((await numbers(5))[0] ?? 0) > 0, 'by errors at first');
    await table.getByRole('button', { name: 'Calls' }).click();
    t.ok(falls(await numbers(3)), 'by calls after a press');
    await table.getByRole('button', { name: 'Calls' }).press('Enter');
    t.notOk(falls(await numbers(3)), 'a second press turns the order');
    await page.getByRole('radio', { name: 'Path of errors' }).check();
    await page.locator('.map-drawing text').first().waitFor();
    const sizes = await page.locator('.map-drawing text').evaluateAll((all) =>
      all.map((text) => {
        const scale = (text as SVGTextElement).getScreenCTM()?.a ?? 0;
        return Number.parseFloat(getComputedStyle(text).fontSize) * scale;
      }),
    );
    t.ok(Math.min(...sizes) >= 10.9, `${Math.min(...sizes)} pixels`);
    if (IS_NIGHT) t.same(await violations(), []);
    const database = `${SLOW_DATABASE.system} ${SLOW_DATABASE.namespace}`;
    await page.getByRole('radio', { name: 'Path of time' }).check();
    await page.getByRole('button', { name: `Show ${database} in the middle` }).click();
    await page.waitForURL(/service=postgresql\+ledger/);
    await page.locator('.map-node.selected', { hasText: database }).waitFor();
    await page.waitForFunction(() => {
      const drawn = document.querySelectorAll('.map-node').length;
      return drawn > 1 && drawn < 40;
    });
    await page.locator('.map-node.selected').hover();
    t.ok((await page.locator('.map-call.lit').count()) > 0, 'a box under the pointer lights its lines');
    await page.getByRole('radio', { name: 'Tables' }).check();
    t.match(
      await page.getByRole('table').first().textContent(),
      /\d\/h/,
      'what is rare has a rate by the hour',
    );
    await page.getByRole('button', { name: 'Services after these' }).click();
    await page.getByText(/^21–40 of 2\d\d$/).waitFor();
    t.same(problems, []);
  },
);

t.test('a drawing that is little wider than the window is in sight as a whole', async (t) => {
  const traceId = randomId(16);
  const ids = ['web', 'shop', 'cart', 'stock', 'store'].map((service) => ({ service, spanId: randomId(8) }));
  const { page, problems } = await openPage(t, {
    path: '/map',
    width: 1440,
    fill: (store) =>
      storeSpans(
        store,
        ids.map((each, at) => ({
          ...each,
          traceId,
          ...(at > 0 && { parentSpanId: ids[at - 1]?.spanId ?? '' }),
          name: 'GET /',
          kind: 2,
        })),
      ),
  });
  await page.locator('.map-node').nth(4).waitFor();
  const places = await page
    .locator('.map-node')
    .evaluateAll((all) =>
      all.map((each) => each.getBoundingClientRect()).map(({ left, right }) => [left, right]),
    );
  t.ok(
    places.every(([left = -1, right = Infinity]) => left >= 0 && right <= 1440),
    JSON.stringify(places),
  );
  t.same(problems, []);
});

t.test('a hub among many: one screen, further callees by a press, zoom by keys and buttons', async (t) => {
  const traceId = randomId(16);
  const rootId = randomId(8);
  const { page, problems, violations } = await openPage(t, {
    path: '/map?service=hub',
    fill: (store) =>
      storeSpans(store, [
        { traceId, spanId: rootId, service: 'hub', kind: 2 },
        ...Array.from({ length: 60 }, (_, i) => ({
          traceId,
          parentSpanId: rootId,
          service: `service-${i}`,
          kind: 2,
          ...(i === 33 && { status: 2 as const }),
        })),
      ]),
  });
  const drawing = page.locator('.map-drawing');
  await page.locator('.map-node.selected', { hasText: 'hub' }).waitFor();
  const box = await drawing.boundingBox();
  t.ok((box?.y ?? 0) + (box?.height ?? 0) <= 800, 'the drawing ends within the window');
  t.ok(
    await drawing.evaluate((each) => each.scrollHeight <= each.clientHeight),
    'and nothing of it is out of sight',
  );
  const first = page.locator('.map-node').nth(1);
  t.match(await first.textContent(), /service-33.*100 %/s, 'what fails comes first');
  t.equal(await page.locator('.map-edge.failing').count(), 1);
  t.match(
    await page.locator('.map-call title').first().textContent(),
    /^hub calls service-33: 1 call, .*P95/,
  );
  const shown = page.locator('.map-shown');
  t.match(await shownText(shown), /no callers.*1–\d+ of 60 callees/s);
  await page.getByRole('button', { name: 'callees after these' }).press('Enter');
  await page.locator('.map-node', { hasText: 'service-33' }).waitFor({ state: 'detached' });

  const widthOf = () => drawing.locator('svg').evaluate((svg) => svg.getBoundingClientRect().width);
  const fitted = await widthOf();
  await page.keyboard.press('+');
  await until(async () => (await widthOf()) > fitted * 1.2);
  await page.getByRole('button', { name: 'Fit' }).click();
  await until(async () => Math.abs((await widthOf()) - fitted) < 1);
  if (IS_NIGHT) t.same(await violations(), []);
  t.same(problems, []);
});

t.test('the empty state goes away when spans come', async (t) => {
  const { page, store, problems } = await openPage(t, { path: '/map' });
  await page.getByRole('heading', { name: 'No spans yet' }).waitFor();
  await storeSpans(store, [{ service: 'shop', kind: 2 }]);
  await page.locator('.map-node', { hasText: 'shop' }).waitFor();
  t.equal(await page.getByText('No spans yet').count(), 0);
  t.same(problems, []);
});

t.test(
  'where the chosen time alone has no spans, the map and Verify say so, and lead to other times',
  async (t) => {
    const { page, problems, visit } = await openPage(t, {
      path: '/map',
      fill: (store) => storeSpans(store, [{ service: 'shop', kind: 2, start: at(-3 * 3_600_000) }]),
    });
    const empty = page.getByRole('heading', { name: 'No spans in the last hour' });
    await empty.waitFor();
    t.equal(await page.getByText('No spans yet').count(), 0);
    t.equal(
      await page.locator('.choices button', { hasText: 'Last hour' }).count(),
      0,
      'that is the time that is empty',
    );
    await page.getByRole('button', { name: 'Last day' }).click();
    await page.locator('.map-node', { hasText: 'shop' }).waitFor();
    t.equal(await shownTime(page), 'Last day');
    await visit('/verify?service=shop');
    await page.getByRole('heading', { name: 'No spans of shop in the last hour' }).waitFor();
    await page.getByRole('button', { name: 'Last day' }).click();
    await page.getByRole('heading', { name: /to mend$/ }).waitFor();
    t.same(problems, []);
  },
);

t.test('services named like the parts of an object are on the map, and the page stays whole', async (t) => {
  const names = ['__proto__', 'constructor', 'toString'];
  const { page, problems } = await openPage(t, {
    path: '/map',
    fill: (store) =>
      storeSpans(
        store,
        names.map((service) => ({ service, kind: 2 })),
      ),
  });
  await page.locator('.map-node').first().waitFor();
  for (const name of names) t.equal(await page.locator('.map-node', { hasText: name }).count(), 1, name);
  t.same(await page.evaluate('Object.keys(Object.prototype)'), []);
  t.same(problems, []);
});

atNight(t).test('many services: the map begins with the worst that has a neighbour', async (t) => {
  const traceId = randomId(16);
  const rootId = randomId(8);
  const { page, problems } = await openPage(t, {
    path: '/map',
    fill: (store) =>
      storeSpans(store, [
        ...Array.from({ length: 60 }, () => ({ service: 'cron', kind: 2 })),
        ...Array.from({ length: 30 }, (_, i) => ({ service: `lone-${i}`, kind: 2 })),
        { traceId, spanId: rootId, service: 'shop', kind: 2 },
        { service: 'shop', kind: 2 },
        { traceId, parentSpanId: rootId, service: 'bank', kind: 2 },
      ]),
  });
  await page.locator('.map-node.selected', { hasText: /shop|bank/ }).waitFor();
  t.equal(await page.locator('.map-node').count(), 2);
  t.same(problems, []);
});

/** Services that call each other in a row, and all requests of the first. */
function chain(names: readonly string[]): PlainSpan[] {
  const traceId = randomId(16);
  let parentSpanId: string | undefined;
  return names.map((service) => {
    const spanId = randomId(8);
    const span = { traceId, spanId, ...(parentSpanId && { parentSpanId }), service, kind: 2 as const };
    parentSpanId = spanId;
    return span;
  });
}

/** How many boxes are in sight as a whole. */
function seen(page: Page): Promise<number> {
  return page.locator('.map-box').evaluateAll(
    (all) =>
      all.filter((each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return [left + 8, right - 8].every((x) =>
          [top + 4, bottom - 4].every((y) => document.elementFromPoint(x, y)?.closest('.map-node')),
        );
      }).length,
  );
}

t.test(
  '1,280 pixels show a map of four columns whole; a larger one scrolls, and fits at a press',
  async (t) => {
    const { page, store, problems, violations } = await openPage(t, {
      path: '/map',
      fill: (store) => storeSpans(store, chain(['web', 'orders', 'payments', 'ledger'])),
    });
    const drawing = page.locator('.map-drawing');
    await page.locator('.map-box').nth(3).waitFor();
    await until(async () => (await seen(page)) === 4);
    t.ok(await drawing.evaluate((each) => each.scrollWidth <= each.clientWidth), 'nothing to scroll to');
    const list = page.locator('.worst-list');
    t.ok(await list.isVisible(), 'beside the list');

    const called = (names: readonly string[]) =>
      storeSpans(
        store,
        names.flatMap((name) => chain(['orders', name])),
      );
    await called(['stock', 'prices', 'geo', 'users']);
    await page.keyboard.press('r');
    await page.locator('.map-box').nth(7).waitFor();
    await until(async () => (await seen(page)) === 8);
    t.equal(await list.isVisible(), false, 'the list makes room');
    if (IS_NIGHT) t.same(await violations(), []);
    await page.getByRole('button', { name: 'The list', expanded: false }).press('Enter');
    await list.waitFor();
    t.ok(
      await drawing.evaluate((each) => each.scrollWidth > each.clientWidth),
      'the drawing can be scrolled from below it',
    );
    await page.getByRole('button', { name: 'The list', expanded: true }).press('Enter');
    await list.waitFor({ state: 'hidden' });

    await called(['mails', 'bills', 'taxes', 'rates', 'votes', 'tags', 'texts', 'cards']);
    await page.keyboard.press('r');
    await page.locator('.map-box').nth(15).waitFor();
    t.ok(
      await drawing.evaluate(
        (each) => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight,
      ),
      'legible, and it scrolls',
    );
    await page.getByRole('button', { name: 'Fit' }).click();
    await until(async () => (await seen(page)) === 16);
    t.ok(await drawing.evaluate((each) => each.scrollWidth <= each.clientWidth), 'all of it');
    t.same(problems, []);
  },
);

/** A dozen services in six columns, with calls past several of them. */
const SHOP = [
  ['web', 'api', 'carts', 'prices'],
  ['api', 'orders', 'payments', 'fraud', 'geo'],
  ['web', 'users', 'store'],
  ['bff', 'api', 'users'],
  ['orders', 'prices'],
  ['bff', 'geo'],
  ['orders', 'emails'],
  ['orders', 'store'],
];

t.test(
  'a dozen services are in sight at once, and no line runs over the figure of another call',
  async (t) => {
    const { page, visit, problems } = await openPage(t, {
      path: false,
      fill: (store) => storeSpans(store, SHOP.flatMap(chain)),
    });
    for (const width of [1280, 1440]) {
      await visit('/map', { width });
      await page.locator('.map-box').nth(11).waitFor();
      await until(async () => (await seen(page)) === 12);
      const crossed = await page.locator('.map-call').evaluateAll((calls) => {
        const meets = (line: SVGPathElement, pill: DOMRect) => {
          const scale = line.getScreenCTM() ?? new DOMMatrix();
          return Array.from({ length: Math.ceil(line.getTotalLength()) }, (_, at) =>
            line.getPointAtLength(at).matrixTransform(scale),
          ).some(({ x, y }) => x > pill.left && x < pill.right && y > pill.top && y < pill.bottom);
        };
        return calls.flatMap((call) => {
          const pill = call.querySelector('.map-pill')?.getBoundingClientRect() ?? new DOMRect();
          const met = calls.filter((each) => {
            const line = each.querySelector<SVGPathElement>('.map-hit');
            return line !== null && meets(line, pill);
          });
          return met.length === 1 && met[0] === call ? [] : [call.textContent];
        });
      });
      t.same(crossed, [], `${width} pixels`);
    }
    t.same(problems, []);
  },
);

t.test('what is said of a call under the pointer lies over the boxes', async (t) => {
  const { page, problems } = await openPage(t, {
    path: '/map?service=orders&by=errors',
    fill: async (store) => {
      for (let i = 0; i < 30; i++) {
        const [first, ...rest] = chain(['web', 'orders', 'payments']);
        const failed = rest.map((span) => ({ ...span, status: 2 as const, durationMs: 1234 }));
        await storeSpans(store, [...(first ? [first] : []), ...failed]);
      }
    },
  });
  await page.locator('.map-pill').nth(1).waitFor();
  t.equal(await page.locator('.map-more').count(), 0);
  await page.locator('.map-pill').first().hover();
  const more = page.locator('.map-more');
  await more.waitFor();
  t.match(await more.textContent(), /^30\/h · P95 1\.23 s$/);
  const under = await more.evaluate((pill) => {
    const place = pill.getBoundingClientRect();
    return [...document.querySelectorAll('.map-box')].filter((box) => {
      const { left, right, top, bottom } = box.getBoundingClientRect();
      const meets = left < place.right && right > place.left && top < place.bottom && bottom > place.top;
      return meets && (pill.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING) > 0;
    }).length;
  });
  t.equal(under, 0, 'no box covers it');
  await page.mouse.move(0, 0);
  await more.waitFor({ state: 'detached' });
  await page.locator('.map-call').first().focus();
  await more.waitFor();

  // In a small window the boxes are whole: below each other on a telephone, and in a window of 1,280 pixels at 200 %.
  const boxes = page.locator('.map-node');
  const inSight = (of: Locator) =>
    of.evaluateAll((all) => {
      const drawing = document.querySelector('.map-drawing')?.getBoundingClientRect() ?? new DOMRect();
      return all.every((each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        const isWithin = top >= drawing.top && bottom <= drawing.bottom;
        return left >= drawing.left && right <= drawing.right && isWithin;
      });
    });
  await page.setViewportSize({ width: 400, height: 800 });
  await until(() => inSight(boxes), { what: 'all boxes at 400 pixels' });
  await page.setViewportSize({ width: 640, height: 360 });
  await until(() => inSight(page.locator('.map-node.selected')), { what: 'a box at 640 × 360' });
  t.same(problems, []);
});

t.test(
  'a box has the mark that its service has in the list: hollow where another one had the hue before',
  async (t) => {
    const services = Array.from({ length: 12 }, (_, n) => `service-${String(n).padStart(2, '0')}`);
    const request = (service: string) => ({
      service,
      name: 'GET /',
      kind: 2,
      durationMs: 5,
      status: 2 as const,
    });
    const { page, origin, problems } = await openPage(t, {
      path: false,
      fill: (store) => storeSpans(store, services.map(request)),
    });
    for (const service of services) {
      await page.goto(`${origin}/map?by=errors&service=${service}`);
      const box = page.locator('.map-node.selected', { hasText: service }).locator('.map-color');
      await box.waitFor();
      const isHollow = await box.evaluate(
        (each) => each.getAttribute('fill') !== each.getAttribute('stroke'),
      );
      await page.goto(`${origin}/verify`);
      const mark = page.locator('.data-table .service-name', { hasText: service }).locator('.service-mark');
      t.equal(isHollow, await mark.evaluate((each) => each.classList.contains('hollow')), service);
    }
    t.same(problems, []);
  },
);
