import { encodeTraces } from '@tandem/otlp';
import { decoded, decodedLogs, startOtlpReceiver } from '@tandem/otlp/testing';
import { createLogger } from '@tandem/service-kit/http';
import t from 'tap';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { VERSION } from '../../../src/lib/version.ts';
import { ExplorerTee } from '../../../src/parts/forward/server/tee.ts';
import { temporaryDirectory } from '../../spans.ts';
import { openPage } from '../browser.ts';
import { hasFocus } from '../focus.ts';
import { shownText } from '../trace-fixtures.ts';
import { sendTraffic } from '../traffic.ts';

const there = await startOtlpReceiver();
t.teardown(() => there.close());
there.answer = ({ spanNames }) => {
  if (spanNames.includes('later')) return { status: 503 };
  return spanNames.includes('bad') ? { status: 400, body: 'bad spans are not taken' } : { status: 200 };
};
const tee = new ExplorerTee({
  settings: {
    name: 'otlp',
    url: there.url,
    headers: {},
    redacted: ['a'],
    maxBytes: 2 ** 20,
    ofPage: false,
    withCode: false,
  },
  dataDirectory: temporaryDirectory(t),
  isOfPage: () => false,
  services: [],
  logger: createLogger('silent'),
});
t.teardown(() => tee.close());

const { page, origin, problems, reset, violations, visit } = await openPage(t, {
  path: false,
  explorer: { tee },
  async fill(store) {
    await sendTraffic(store, { traces: 5 });
    const line = { service: 'activities-api', body: 'hello' };
    await store.write(decodedLogs([line, line, { service: 'somebody-else', body: 'hello' }]));
  },
});

t.test('where nothing is wrong there is no strip; the pipeline is in the menu', async (t) => {
  await visit('/map');
  await page.locator('.map-node').first().waitFor();
  t.equal(await page.getByRole('contentinfo').count(), 0);
  const menu = page.getByRole('button', { name: 'More' });
  await menu.press('Enter');
  await page.getByRole('menuitem', { name: 'Pipeline …' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Pipeline of 3 services' });
  await dialog.locator('.service-mark').nth(2).waitFor();
  const row = dialog.getByRole('row', { name: /activities-api/ });
  await row.waitFor();
  t.match(await row.getByRole('cell').allInnerTexts(), ['activities-api', /ago$/, /^\d+$/, '2', /ago$/]);
  await dialog.getByText('nothing refused, nothing dropped').waitFor();
  await dialog.getByText(/spans · 3 log lines ·/).waitFor();
  await dialog.getByText(`trace explorer ${VERSION}`).waitFor();
  const table = dialog.getByRole('region', { name: 'Services that send' });
  for (const width of [1280, 400]) {
    await page.setViewportSize({ width, height: 800 });
    t.ok(
      await table.evaluate((each) => each.scrollWidth <= each.clientWidth),
      `${width} pixels: no column is out of sight`,
    );
  }
  if (IS_NIGHT) t.same(await violations(), []);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await hasFocus(menu);
  t.same(problems, []);
});

t.test(
  'what is sent on is counted in Pipeline and in /metrics, and the strip says why something is refused',
  async (t) => {
    const send = async (...names: string[]) => {
      const bytes = encodeTraces(decoded(names.map((name) => ({ name }))));
      const body = { bytes, encoding: 'protobuf', contentEncoding: undefined, items: names.length } as const;
      await tee.accept('traces', {})?.(body);
    };
    await visit('/map');
    await page.locator('.map-node').first().waitFor();
    t.equal(await page.getByRole('contentinfo').count(), 0);
    await send('one', 'two', 'three');
    await until(() => tee.status().traces.forwarded === 3);
    await send('bad', 'bad');
    await until(() => tee.status().traces.refused === 2);
    // What cannot be read cannot be redacted, and so is not sent on.
    const torn = {
      bytes: Buffer.from('torn'),
      encoding: 'protobuf',
      contentEncoding: 'gzip',
      items: 1,
    } as const;
    await tee.accept('traces', {})?.(torn);
    await reset();
    await page.goto(`${origin}/map`);
    const strip = page.getByRole('contentinfo');
    await strip.getByText(/400.*bad spans are not taken/).waitFor();
    await send('later', 'later', 'later', 'later');
    await strip.getByRole('button', { name: 'Details' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pipeline of 3 services' });
    await dialog.getByText(`Sent on to ${there.url}/ since the start`).waitFor();
    const counts = dialog.getByRole('region', { name: 'What was sent on' }).getByRole('row');
    t.match(await shownText(counts.first()), /Taken\s+Sent on\s+Waiting\s+Refused there\s+Dropped/);
    await counts.filter({ hasText: /^Spans103421$/ }).waitFor();
    t.equal(await counts.count(), 2, 'what nobody sent is left out');
    await dialog.getByText(/did not reach/).waitFor();
    if (IS_NIGHT) t.same(await violations(), []);
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    for (const [outcome, count] of Object.entries({ taken: 10, forwarded: 3, refused: 2, dropped: 1 }))
      t.match(metrics, `tandem_forward_items_total{signal="traces",outcome="${outcome}"} ${count}\n`);
    t.match(metrics, 'tandem_forward_waiting{signal="traces"} 4\n');
    there.answer = () => ({ status: 200 });
    await until(() => tee.status().problems.length === 0);
    await strip.waitFor({ state: 'detached' });
    t.same(problems, []);
  },
);

t.test('a refusal is in sight with its reason; at 400 px, too', async (t) => {
  await reset();
  const status = await (await fetch(`${origin}/api/status`)).json();
  await page.route('**/api/status', (route) =>
    route.fulfill({
      json: {
        ...status,
        services: [{ name: 'shop', rows: 5, logs: 0, last_seen: new Date().toISOString() }],
        refused_by_token: 3,
        dropped: { ...status.dropped, rejected: 1234, age: 7 },
        dropped_logs: { ...status.dropped_logs, busy: 2 },
      },
    }),
  );
  await page.goto(`${origin}/map`);
  const strip = page.getByRole('contentinfo');
  const refused = strip.getByText(
    '3 requests refused: sent without EXPLORER_TOKEN · 1,234 spans refused: malformed, or too large · 2 log lines not taken yet',
  );
  await refused.waitFor();
  await strip.getByRole('button', { name: 'Details' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pipeline of 1 service' });
  await dialog.getByText('7 spans dropped: too old').waitFor();
  if (IS_NIGHT) t.same(await violations(), []);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 400, height: 800 });
  t.ok(await refused.isVisible());
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400);
  t.same(await violations(), []);
  await strip.getByRole('button', { name: 'Put away' }).click();
  await strip.waitFor({ state: 'detached' });
  t.same(problems, []);
});

t.test('what asks nothing of anybody stands in the pipeline alone', async (t) => {
  await reset();
  const status = await (await fetch(`${origin}/api/status`)).json();
  await page.route('**/api/status', (route) => route.fulfill({ json: { ...status, spilled_fields: 121 } }));
  await page.goto(`${origin}/map`);
  await page.locator('.map-node').first().waitFor();
  t.equal(await page.getByRole('contentinfo').count(), 0);
  await page.getByRole('button', { name: 'More' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Pipeline …' }).press('Enter');
  await page.getByText('121 fields share a column').waitFor();
  await page.keyboard.press('Escape');
});

t.test('a notice of the store is shown on every view until the store takes it back', async (t) => {
  await reset();
  const status = await (await fetch(`${origin}/api/status`)).json();
  const notice = 'The store reached its cap of 1 GiB: the oldest traces are dropped.';
  await page.route('**/api/status', (route) => route.fulfill({ json: { ...status, notices: [notice] } }));
  await page.goto(`${origin}/map`);
  const strip = page.getByRole('contentinfo');
  await strip.getByText(notice).waitFor();
  await page.getByRole('link', { name: 'Query', exact: true }).click();
  t.equal(await strip.getByText(notice).count(), 1);
  await strip.getByRole('button', { name: 'Details' }).click();
  await page.getByText('The store:').waitFor();
  await page.keyboard.press('Escape');
});

t.test('when the explorer stops answering, the page says so, and which command goes on', async () => {
  await reset();
  await page.route('**/api/status', (route) => route.abort());
  await page.goto(`${origin}/map`);
  await page
    .getByRole('alert')
    .filter({ hasText: /The explorer does not answer\. .*open" in the same folder/ })
    .waitFor();
});
