import { createServer } from '@tandem/service-kit';
import type { Page } from 'playwright-core';
import t from 'tap';
import Type from 'typebox';
import { freePort } from '../../../../../../scripts/lib/free-port.ts';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';

import type { SpanStore } from '../../../../src/core/store/store.ts';
import { openPage } from '../../../page/browser.ts';
import { hasFocus } from '../../../page/focus.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { openWorkspace } from '../../../page/workspace.ts';
import { storeSpans } from '../../../spans.ts';

/** Presses an experiment's button and waits until its waterfalls have at least so many spans each. */
async function runExperiment(page: Page, key: string, spans: readonly number[]): Promise<string[]> {
  await page.locator(`[data-experiment="${key}"]`).getByRole('button').first().click();
  const texts: string[] = [];
  for (const [index, least] of spans.entries()) {
    const waterfall = page.locator(`[data-result="${key}"] section`).nth(index);
    await page.waitForFunction(
      ([wanted, at, spans]) => {
        const found = document.querySelectorAll(`[data-result="${wanted}"] .inline-trace`)[at];
        return Number(found?.getAttribute('data-spans')) >= spans;
      },
      [key, index, least] as const,
    );
    texts.push(await shownText(waterfall));
  }
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null);
  return texts;
}

/** Ids of the traces that the URL names. */
const traceIds = (page: Page) => new URL(page.url()).searchParams.get('traces')?.split(',') ?? [];

async function spansOf(store: SpanStore, traceId: string | undefined) {
  const field = (name: string) => store.fields().get(name)?.sql ?? 'NULL';
  const names = [
    'service.name',
    'name',
    'span.kind',
    'trace.parent_id',
    'tandem.fault',
    'tandem.scenario',
    'user.id',
  ];
  const { rows } = await store.read(
    `SELECT ${names.map(field).join(', ')} FROM spans
    WHERE ${field('trace.trace_id')} = $1 AND ${field('meta.annotation_type')} IS NULL`,
    [traceId ?? ''],
  );
  return rows.map(([service, name, kind, parent, fault, scenario, user]) => ({
    service,
    name,
    kind,
    parent,
    fault,
    scenario,
    user,
  }));
}

/** Names of the events of a trace's spans, by their time. */
async function eventsOf(store: SpanStore, traceId: string | undefined): Promise<unknown[]> {
  const field = (name: string) => store.fields().get(name)?.sql ?? 'NULL';
  const { rows } = await store.read(
    `SELECT ${field('name')} FROM spans
    WHERE ${field('trace.trace_id')} = $1 AND ${field('meta.annotation_type')} = 'span_event'
      AND ${field('meta.signal_type')} = 'trace' ORDER BY _time, _seq`,
    [traceId ?? ''],
  );
  return rows.map(([name]) => name);
}

/** A service of the kit with one route, as a copied pair may have it, for the pages of an explorer. */
async function copiedService(port: number, page: Page, origin = new URL(page.url()).origin) {
  const app = await createServer({
    title: 'orders-api',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax: 100_000,
    settings: {},
    corsOrigins: [origin],
    checkDatabase: async () => {},
    api(api) {
      const params = Type.Object({ id: Type.String({ examples: ['a1'] }) });
      api.get('/orders/:id', { schema: { summary: 'One order', params } }, function getOrder() {
        return {};
      });
    },
  });
  await app.listen({ host: '127.0.0.1', port });
  return app;
}

// The services start once for all tests.
const { page, store, origin, violations, problems } = await openWorkspace(t, { path: false });

/** The view as it is at first, without the console messages of an earlier test. */
async function start(): Promise<void> {
  problems.length = 0;
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${origin}/try`);
  await page.locator('[data-experiment]').first().waitFor();
}

t.test('an explorer without the address of the services has the command, and no experiment', async (t) => {
  const { page, problems, violations } = await openPage(t, { path: '/try', explorer: { apiUrl: '' } });
  await page.getByText('BACKEND_URL=http://localhost:4567').waitFor();
  await page.getByRole('button', { name: 'Copy the command' }).waitFor();
  t.equal(await page.locator('[data-experiment]').count(), 0);
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('the menu has it while no other service has sent spans', async (t) => {
  const { page, store, origin, problems } = await openPage(t, { path: '/traces' });
  const link = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Try it' });
  await storeSpans(store, [{ service: 'activities-api' }]);
  await page.goto(`${origin}/traces`);
  await link.waitFor();
  await storeSpans(store, [{ service: 'shop' }]);
  await link.waitFor({ state: 'detached' });
  t.same(problems, []);
});

t.test('what a trace shows is told once it is there, in sight', async (t) => {
  await start();
  const card = page.locator('[data-experiment="slow-lookup"]');
  t.equal((await shownText(card)).trim(), 'Slow user-lookup');
  await card.getByRole('button').click();
  const result = page.locator('[data-result="slow-lookup"]');
  await result.getByText('The long bar is user-lookup’s own').waitFor();
  await result.locator('.span-row').first().waitFor();
  const inSight = () => result.evaluate((each) => each.getBoundingClientRect().bottom <= innerHeight);
  await until(inSight);
  t.pass('all of its waterfall can be seen');
});

t.test('the chosen card has one edge all around', async (t) => {
  await page.goto(`${origin}/try?run=getHome`);
  const edge = (key: string) =>
    page.locator(`[data-experiment="${key}"]`).evaluate((card) => {
      const style = getComputedStyle(card);
      const sides = ['top', 'right', 'bottom', 'left'].map((side) =>
        style.getPropertyValue(`border-${side}-color`),
      );
      return { sides: [...new Set(sides)], isInset: style.boxShadow.includes('inset') };
    });
  const chosen = await edge('getHome');
  t.equal(chosen.sides.length, 1);
  t.not(chosen.sides[0], (await edge('getNotifications')).sides[0]);
  t.notOk(chosen.isInset, 'no side has a second one');
});

t.test('every button leads to its waterfall, over the real services', async (t) => {
  await start();
  const keys = await page
    .locator('[data-experiment]')
    .evaluateAll((all) => all.map((each) => each.getAttribute('data-experiment')));
  t.equal(new Set(keys).size, 16);
  for (const [key, least] of [
    ['getHome', 8],
    ['getNotifications', 6],
    ['searchActivities', 6],
    ['getActivitiesOfUser', 6],
  ] as const) {
    const [text = ''] = await runExperiment(page, key, [least]);
    t.match(text, /200, traceresponse names this trace/, key);
    await hasFocus(page.locator(`[data-experiment="${key}"]`));
    const spans = await spansOf(store, traceIds(page)[0]);
    const root = spans.find(({ parent }) => parent === null);
    t.match(
      root,
      { service: 'web', kind: 'client', scenario: key, user: 'bayko' },
      'it begins in the browser',
    );
    t.ok(
      spans.every(({ scenario, user }) => scenario === key && user === 'bayko'),
      'baggage reached every span',
    );
    t.same([...new Set(spans.map(({ service }) => service))].sort(), [
      'activities-api',
      'user-lookup',
      'web',
    ]);
  }
  const phases = (await eventsOf(store, traceIds(page)[0])).filter((name) => name !== 'stall'); // on a busy machine
  t.ok(phases.includes('responseStart') && phases.includes('responseEnd'), 'the services allow their timing');
  const order = ['fetchStart', 'connectStart', 'connectEnd', 'requestStart', 'responseStart', 'responseEnd'];
  t.same(
    phases,
    order.filter((phase) => phases.includes(phase)),
    "the browser's phases in their order",
  );
  await page.reload();
  await page.locator('.inline-trace .span-row').first().waitFor();

  t.match(await runExperiment(page, 'createActivity', [16]), [/201.*201/]);
  t.match(await runExperiment(page, 'hundred', [801]), [/100 answered 200/]);

  const faults = async (key: string, least: readonly number[]) => {
    await runExperiment(page, key, least);
    const spans = (await Promise.all(traceIds(page).map((id) => spansOf(store, id)))).flat();
    return spans
      .filter(({ fault }) => fault !== null)
      .map(({ service, name, fault }) => `${service} ${name} ${fault}`);
  };
  t.same(await faults('slow-lookup', [8]), ['user-lookup GET /api/users user-lookup:delay=400']);
  t.same(await faults('failing-lookup', [7]), ['user-lookup GET /api/users user-lookup:error=503']);
  t.same(await faults('aborted', [7]), ['user-lookup GET /api/users user-lookup:abort']);
  t.same((await faults('slow-database', [8])).sort(), [
    'activities-api SELECT activities database:delay=200',
    'user-lookup SELECT users database:delay=200',
  ]);
  t.same(await faults('stalled', [8]), ['activities-api home-activities-data activities-api:stall=300']);
  t.same(await faults('n-plus-one', [8, 20]), [
    'activities-api home-activities-data activities-api:n-plus-one',
  ]);

  t.match(await runExperiment(page, 'cors', [1, 7]), [/traceresponse names another trace/, /activities-api/]);
  t.same(
    (await spansOf(store, traceIds(page)[0])).map(({ service }) => service),
    ['web'],
  );
  t.match(await runExperiment(page, 'lost-hop', [5, 3]), [/200/, /user-lookup/]);
  const lost = await spansOf(store, traceIds(page)[0]);
  t.notOk(lost.some(({ service }) => service === 'user-lookup'));
  t.same(await page.getByRole('alert').count(), 0);
  // Elsewhere the bar at the top may cover half a button.
  await page.evaluate(() => scrollTo(0, 0));
  if (IS_NIGHT) t.same(await violations(), []);
  await page.setViewportSize({ width: 400, height: 800 });
  t.same(await violations(), []);
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400);
  t.same(problems, []);
});

t.test('where the API does not answer, the page says so, and reads again on demand', async (t) => {
  const port = await freePort();
  const { page, violations } = await openPage(t, {
    path: '/try',
    explorer: { apiUrl: `http://127.0.0.1:${port}` },
  });
  const alert = page
    .getByRole('alert')
    .filter({ hasText: `The API at http://127.0.0.1:${port} did not answer` });
  await alert.waitFor();
  t.match(await shownText(alert), /Start the services[\s\S]*EXPLORER_URL/);
  t.equal(await page.locator('[data-experiment]').count(), 0, 'there is nobody to send a request to');
  if (IS_NIGHT) t.same(await violations(), []);
  const api = await copiedService(port, page);
  t.teardown(() => api.close());
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'One order' }).waitFor();
});

t.test('a service that went away after it was asked for its requests is named', async (t) => {
  const port = await freePort();
  const { page, origin } = await openPage(t, {
    path: false,
    explorer: { apiUrl: `http://127.0.0.1:${port}`, otlpEndpoint: 'http://127.0.0.1:9' },
  });
  const api = await copiedService(port, page, origin);
  await page.goto(`${origin}/try`);
  t.match(await shownText(page.locator('.try-about')), 'FAULT_INJECTION=true');
  const one = page.getByRole('button', { name: 'One order' });
  await one.waitFor();
  await api.close();
  await one.click();
  await page
    .getByRole('alert')
    .filter({ hasText: `The API at http://127.0.0.1:${port} did not answer` })
    .waitFor();
  t.match(
    await shownText(page.getByRole('alert').filter({ hasText: 'receiver' })),
    'the receiver at http://127.0.0.1:9/v1/traces does not answer',
  );
});

t.test('a service with routes of its own has buttons for those, which send them', async (t) => {
  const port = await freePort();
  const { page, origin, problems } = await openPage(t, {
    path: false,
    explorer: { apiUrl: `http://127.0.0.1:${port}` },
  });
  const api = await copiedService(port, page, origin);
  t.teardown(() => api.close());
  await page.goto(`${origin}/try`);
  const one = page.locator('[data-experiment="getOrder"]').getByRole('button');
  await one.waitFor();
  t.same(await page.locator('[data-experiment]').allInnerTexts(), [
    'One order',
    '100 requests at once',
    'CORS that swallows traceparent',
  ]);
  const asked = page.waitForRequest(
    (request) => request.url().endsWith('/api/orders/a1') && request.method() === 'GET',
  );
  await one.click();
  t.ok((await (await asked).headerValue('traceparent')) ?? '', 'with its context');
  await page.getByText('200, no readable traceresponse').waitFor();
  // Nobody takes the browser's own spans here.
  t.same(
    problems.filter((each) => !each.includes('/v1/traces')),
    [],
  );
});

t.test('a button shows lines of every level in a waterfall, another a line with an exception', async (t) => {
  await start();
  /** Presses an experiment's button; the words of its lines, once there are so many. */
  const linesOf = async (key: string, least: number) => {
    await page.locator(`[data-experiment="${key}"]`).getByRole('button').first().click();
    const item = page.locator(`[data-result="${key}"]`);
    await item
      .locator('.inline-trace .log-line')
      .nth(least - 1)
      .waitFor();
    return item.locator('.log-line').allInnerTexts();
  };
  const levels = await linesOf('log-levels', 8);
  for (const level of ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'])
    t.ok(
      levels.some((line) => line.includes(level) && /a line of level/i.test(line)),
      level,
    );
  for (const kind of ['plain', 'info', 'warn', 'fatal', 'exception'])
    t.ok(
      await page.locator(`[data-result="log-levels"] .log-line .level-${kind}`).count(),
      `a sign: ${kind}`,
    );
  // On a slow machine lines lie at one point of the bar, and share a mark with their number.
  const marks = page.locator('[data-result="log-levels"] .log-mark');
  const counts = (await marks.allInnerTexts()).map((text) => Number(text || 1));
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    levels.length,
    'each line has a mark',
  );
  t.ok(await marks.locator('.level-fatal').count(), 'the most important line has the sign');
  if (IS_NIGHT) t.same(await violations(), []);
  t.match((await linesOf('throw', 2)).join('\n'), /ERROR[\s\S]*This request asked for an exception\./);
  await page.locator('[data-result="throw"] .log-mark .level-exception').waitFor();
  t.equal(await page.getByRole('alert').count(), 0, 'the fault was taken');
  // The browser says by itself that a request was answered with 500.
  t.equal(problems.length, 1);
  t.match(problems[0], /status of 500/);

  await page.locator('[data-result="throw"] .log-line').first().dblclick();
  await page.waitForURL(/\/trace\/[0-9a-f]{32}\?.*log=/);
  await page.locator('.trace-logs .log-line[aria-selected="true"]').waitFor();
});
