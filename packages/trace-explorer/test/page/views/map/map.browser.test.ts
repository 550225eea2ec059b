import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import type { Report } from '../../../../src/verify/report.ts';
import { demoTraces, SLOW_DATABASE } from '../../../../testing/demo-data/index.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { openPage } from '../../browser.ts';
import { shownText } from '../../trace-fixtures.ts';
import { sendTraffic } from '../../traffic.ts';

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
      page.locator('.map-node', { hasText: name }).locator('.map-color').getAttribute('fill');
    t.equal(await fillOf('sqlite'), 'var(--line-strong)', 'a database has no colour of a service');
    t.not(await fillOf('user-lookup'), await fillOf('activities-api'));
    const centres = await page.locator('.map-call text').evaluateAll((lines) =>
      lines.map((line) => {
        const { left, right } = line.getBoundingClientRect();
        return Math.round((left + right) / 2);
      }),
    );
    for (let i = 0; i < centres.length; i += 2)
      t.ok(
        Math.abs((centres[i] ?? 0) - (centres[i + 1] ?? 0)) <= 1,
        'a label stands around the middle of its line',
      );
    const [zoom, drawing] = await Promise.all(
      ['.map-zoom', '.map-drawing'].map((each) => page.locator(each).boundingBox()),
    );
    t.ok(
      (zoom?.y ?? 0) >= (drawing?.y ?? 0) + (drawing?.height ?? 0),
      'the buttons of the zoom cover no box',
    );
    const [services, calls] = [page.getByRole('table').nth(0), page.getByRole('table').nth(1)];
    const row = await services.getByRole('row', { name: /user-lookup/ }).textContent();
    t.match(row, /service60.*1\/min.*✗ 4 \(6\.67 %\)/);
    t.match(await calls.textContent(), /activities-api → .*user-lookup/);
    t.same(await violations(), []);

    await page.locator('.map-node', { hasText: 'user-lookup' }).click();
    await page.locator('.map-node.selected', { hasText: 'user-lookup' }).waitFor();
    await page.getByText('no callees').waitFor();
    await page.locator('.map-node.selected').click();
    await page.getByRole('button', { name: /^Edit the query: .*service\.name = user-lookup/ }).waitFor();
    await page.getByRole('cell', { name: 'GET /api/users' }).waitFor();
    await page.goBack();
    await page.locator('.map-call').click();
    await page
      .getByRole('button', { name: /^Edit the query: .*parent\.service\.name = activities-api/ })
      .waitFor();
    await page.getByRole('tab', { name: 'Raw rows', selected: true }).waitFor();
    await page.locator('a[href^="/trace/"]').first().waitFor();
    await page.goBack();
    await page
      .getByRole('link', { name: /activities-api → .*sqlite/ })
      .last()
      .click();
    await page.getByRole('button', { name: /^Edit the query: .*db\.system\.name = sqlite/ }).waitFor();
    await page.locator('a[href^="/trace/"]').first().waitFor();
    t.same(problems, []);
  },
);

t.test('a box has the score of its service and its category; a database has none', async (t) => {
  const { page, origin, problems, violations } = await openPage(t, {
    path: '/map',
    fill: (store) => sendTraffic(store, { traces: 20 }),
  });
  const texts = page.locator('.map-node text', { hasText: /^score / });
  await until(async () => (await texts.count()) === 2);
  const report = (await (await fetch(`${origin}/api/verify`)).json()) as Report;
  for (const { service, score, category } of report.services) {
    const text = `score ${score}, ${category}`;
    const box = page.getByRole('link', {
      name: new RegExp(`^service ${service}: .*, instrumentation ${text}$`),
    });
    t.equal(await box.getByText(text, { exact: true }).last().textContent(), text, service);
  }
  t.equal(await page.locator('.map-node', { hasText: 'sqlite' }).getByText(/score/).count(), 0);
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('the time range is in the link; without spans the map says how to send one', async (t) => {
  const { page, problems } = await openPage(t, { path: '/map?time_range=600' });
  await page.getByRole('heading', { name: 'No spans yet' }).waitFor();
  t.equal(await page.getByLabel(/^Time/).inputValue(), '600');
  await page.getByLabel(/^Time/).selectOption('86400');
  await page.waitForURL('**/map?last=86400');
  await page.getByText('in the last 1 day').waitFor();
  t.same(problems, []);
});

t.test(
  '230 services: the busiest and its neighbours, on request the forty with most calls; the tables have all',
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
    await page.getByText(', the service with most calls').waitFor();
    await page.getByRole('link', { name: 'Show the whole map' }).click();
    await page.waitForURL(/all=/);
    await until(async () => (await page.locator('.map-node').count()) === 40);
    await page.getByText(/^The 40 of 2\d\d services and databases along the busiest calls\./).waitFor();
    const drawing = page.locator('.map-drawing');
    t.ok(
      await drawing.evaluate((each) => each.scrollHeight <= each.clientHeight),
      'all are within the window',
    );
    t.equal(await page.getByRole('table').first().locator('tbody tr').count(), 20);
    await page.getByText(/^1–20 of 2\d\d$/).waitFor();
    for (const table of await page.getByRole('table').all()) {
      const figures = await table
        .locator('tbody tr')
        .evaluateAll((all) =>
          all.map((row) =>
            [...row.querySelectorAll('.numeric')].map(({ textContent }) =>
              Number(textContent?.replace(/^✗ /, '').split(' ')[0]?.replaceAll(',', '')),
            ),
          ),
        );
      const orders = figures.map(([calls = 0, , errors = 0]) => errors * 1e6 + calls);
      t.ok((orders[0] ?? 0) >= 1e6, 'something fails');
      t.same(
        orders,
        orders.toSorted((a, b) => b - a),
        'by errors, then by calls',
      );
    }
    if (IS_NIGHT) t.same(await violations(), []);
    const database = `${SLOW_DATABASE.system} ${SLOW_DATABASE.namespace}`;
    await page.getByRole('combobox', { name: 'Service' }).fill(database);
    await page.waitForURL(/service=postgresql\+ledger/);
    await page.locator('.map-node.selected', { hasText: database }).waitFor();
    await page.waitForFunction(() => {
      const drawn = document.querySelectorAll('.map-node').length;
      return drawn > 1 && drawn < 40;
    });
    await page.getByRole('link', { name: 'Neighbours of' }).first().focus();
    await page.keyboard.press('Enter');
    await page.locator('.map-node.selected', { hasNotText: database }).waitFor();
    await page.getByRole('link', { name: 'Show the whole map' }).click();
    await page.getByText(/^The 40 of/).waitFor();
    t.match(await page.getByRole('table').first().textContent(), / in 1 h/, 'what is rare is counted');
    await page.getByRole('button', { name: 'Services after these' }).click();
    await page.getByText(/^21–40 of 2\d\d$/).waitFor();
    t.same(problems, []);
  },
);

t.test('a hub among many: one screen, further callees by a press, zoom by keys and buttons', async (t) => {
  const traceId = randomId(16);
  const rootId = randomId(8);
  const { page, problems, violations } = await openPage(t, {
    path: '/map',
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
  t.match(await first.textContent(), /service-33.*✗ 100 %/s, 'what fails comes first');
  t.equal(await page.locator('.map-edge.failing').count(), 1);
  t.match(
    await page.locator('.map-call title').first().textContent(),
    /^hub calls service-33: 1 calls, .*P95/,
  );
  const shown = page.locator('.map-shown');
  t.match(await shownText(shown), /no callers.*1–\d+ of 60 callees/s);
  await page.getByRole('button', { name: 'callees after these' }).press('Enter');
  await page.waitForURL(/callees=\d/);
  await page.locator('.map-node', { hasText: 'service-33' }).waitFor({ state: 'detached' });

  const widthOf = () => drawing.locator('svg').evaluate((svg) => svg.getBoundingClientRect().width);
  const fitted = await widthOf();
  await page.keyboard.press('+');
  await until(async () => (await widthOf()) > fitted * 1.2);
  await page.keyboard.press('-');
  await page.keyboard.press('-');
  await until(async () => (await widthOf()) < fitted);
  await page.getByRole('button', { name: 'Fit' }).click();
  await until(async () => Math.abs((await widthOf()) - fitted) < 1);
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('a service in which traces with findings begin has a mark, which leads to one of them', async (t) => {
  const begin = BigInt(Date.now() - 60_000) * 1_000_000n;
  const traceId = randomId(16);
  const rootId = randomId(8);
  const { page, problems } = await openPage(t, {
    path: '/map',
    fill: (store) =>
      storeSpans(store, [
        {
          traceId,
          spanId: rootId,
          service: 'shop',
          name: 'GET /cart',
          kind: 2,
          start: begin,
          durationMs: 900,
        },
        ...Array.from({ length: 20 }, (_, i) => ({
          traceId,
          parentSpanId: rootId,
          service: 'shop',
          name: 'SELECT items',
          kind: 3,
          start: begin + BigInt(i * 40) * 1_000_000n,
          durationMs: 38,
          attributes: { 'db.system.name': 'sqlite', 'db.query.text': 'SELECT * FROM items WHERE id = ?' },
        })),
      ]),
  });
  const mark = page.locator('.map-findings');
  await mark.waitFor();
  t.match(await mark.locator('title').textContent(), /GET \/cart: .*SELECT items/s);
  await mark.click();
  await page.waitForURL(new RegExp(`/trace/${traceId}.*finding=`));
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

t.test('many services: the map begins with the busiest that has a neighbour', async (t) => {
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
  await page.locator('.map-node.selected', { hasText: 'shop' }).waitFor();
  t.equal(await page.locator('.map-node').count(), 2);
  t.same(problems, []);
});

t.test(
  'a service in the middle has its score, what fails with what mends it, and links to spans',
  async (t) => {
    const { page, origin, problems, violations } = await openPage(t, {
      path: false,
      fill: (store) =>
        storeSpans(store, [
          {
            service: 'old',
            kind: 2,
            name: 'GET',
            attributes: { 'http.method': 'GET', 'http.url': 'http://a/' },
          },
        ]),
    });
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/api/verify') && asked.push(request.url()));
    await page.goto(`${origin}/map?service=old`);
    const section = page.locator('.instrumentation');
    await section.getByText('Instrumentation', { exact: true }).click();
    await section.getByText('93.75').waitFor();
    t.match(
      await section.textContent(),
      /RES-001, Normal: The resource of 1 span has no service\.instance\.id/,
    );
    t.match(await section.textContent(), /http\.method is on 1 span: replaced by http\.request\.method/);
    t.equal(asked.length, 1, 'the telemetry is verified once, for the boxes and the section');
    t.same(await violations(), []);
    await section.getByRole('link', { name: 'deprecated-name' }).first().click();
    await page.waitForURL(/\/trace\/[0-9a-f]{32}\?span=/);
    await page.goBack();
    await page.goto(new URL('/', page.url()).href);
    await section.getByText('Instrumentation', { exact: true }).click();
    await section.getByText('93.75').waitFor();
    t.same(problems, []);
  },
);
