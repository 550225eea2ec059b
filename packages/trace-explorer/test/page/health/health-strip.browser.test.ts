import { decodedLogs } from '@tandem/otlp/testing';
import fastify from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { openPage } from '../browser.ts';
import { sendTraffic } from '../traffic.ts';

const METRICS = `otel_sdk_exporter_span_exported_total{destination="honeycomb"} 1200
otel_sdk_exporter_span_exported_total{destination="honeycomb",error_type="queue_full"} 7
otel_sdk_exporter_span_exported_total{destination="honeycomb",error_type="rejected"} 3
otel_sdk_processor_span_queue_size{destination="honeycomb"} 5
`;

/** The page's strip beside a service whose /metrics says this; `stop` ends the service. */
async function openStrip(t: Test, metrics: string) {
  const service = fastify();
  service.get('/metrics', async () => metrics);
  t.teardown(() => service.close());
  const apiUrl = await service.listen({ host: '127.0.0.1', port: 0 });
  const { page, store, problems, violations } = await openPage(t, {
    path: '/map',
    explorer: { apiUrl },
    fill: (store) => sendTraffic(store, { traces: 5 }),
  });
  return {
    page,
    store,
    strip: page.getByRole('contentinfo'),
    problems,
    violations,
    stop: () => service.close(),
  };
}

t.test('for each service: exported, dropped, rejected, and what to do about it', async (t) => {
  const { strip, problems, violations } = await openStrip(t, METRICS);
  await strip.getByText('1,200 exported · 7 dropped · 3 rejected').waitFor();
  await strip.getByRole('button', { name: 'Pipeline' }).click();
  const row = strip.getByRole('row', { name: /activities-api/ });
  await row.waitFor();
  t.match(await row.getByRole('cell').allInnerTexts(), [
    /ago$/,
    'honeycomb',
    '1,200',
    '5',
    '7',
    '3',
    /node tandem honeycomb:check/,
  ]);
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test(
  'both services of the pair are in sight at 1,280 px; what has no room is counted, and opens',
  async (t) => {
    const { page, strip, problems, violations } = await openStrip(t, METRICS);
    const pair = ['activities-api', 'user-lookup'].map((name) => ({
      name,
      reachable: true,
      stopped: false,
      circuits: [],
      destinations: [
        { name: 'honeycomb', exported: 12_345, waiting: 0, dropped: 0, rejected: 0, reasons: {} },
      ],
    }));
    await page.route('**/api/pipeline', (route) => route.fulfill({ json: { services: pair } }));
    const status = await (await page.request.get(new URL('/api/status', page.url()).href)).json();
    const services = pair.map(({ name }) => ({
      name,
      logs: 12_345,
      last_seen: new Date(Date.now() - 240_000),
    }));
    await page.route('**/api/status', (route) =>
      route.fulfill({ json: { ...status, spans: 123_456, logs: 24_690, services } }),
    );
    await page.reload();
    await strip.getByText('12,345 exported').first().waitFor();
    const ends = () =>
      strip.getByRole('listitem').evaluateAll((items) =>
        items.map((item) => {
          const [own, list] = [item, item.parentElement].map((each) => each?.getBoundingClientRect());
          return own && list ? own.right <= list.right + 1 && own.bottom <= list.bottom + 1 : false;
        }),
      );
    t.same(await ends(), [true, true]);
    t.equal(await strip.getByRole('button', { name: /more, in a table/ }).count(), 0);

    await page.setViewportSize({ width: 1000, height: 800 });
    const others = strip.getByRole('button', { name: '1 more, in a table' });
    await others.press('Enter');
    const region = strip.getByRole('region', { name: 'Health of the pipeline' });
    await region.getByRole('row', { name: /user-lookup/ }).waitFor();
    t.same(await violations(), []);
    await page.keyboard.press('Escape');
    await region.waitFor({ state: 'detached' });
    t.ok(await others.evaluate((button) => button === document.activeElement));
    t.same(problems, []);
  },
);

t.test('requests that came unsampled, and what to do about it', async (t) => {
  const { strip, problems, violations } = await openStrip(
    t,
    `${METRICS}tandem_request_arrivals_total{parent="none"} 10
tandem_request_arrivals_total{parent="sampled"} 5
tandem_request_arrivals_total{parent="unsampled"} 30
`,
  );
  await strip.getByText('67 % of requests came unsampled').waitFor();
  await strip.getByRole('button', { name: 'Pipeline' }).click();
  await strip.getByText(/30 of 45 requests came .* OTEL_TRACES_SAMPLER=always_on/).waitFor();
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('log lines: how many of each sender, and what became of them on their way', async (t) => {
  const { page, problems, store, violations } = await openStrip(
    t,
    `${METRICS}otel_sdk_exporter_log_exported_total{destination="honeycomb"} 340
otel_sdk_exporter_log_exported_total{destination="honeycomb",error_type="queue_full"} 6
`,
  );
  const strip = page.getByRole('contentinfo');
  const line = { service: 'activities-api', body: 'hello' };
  await store.write(decodedLogs([line, line, { service: 'somebody-else', body: 'hello' }]));
  await strip.getByText('· 2 log lines · 6 log lines dropped').waitFor();
  await strip.getByRole('listitem').filter({ hasText: 'somebody-else' }).getByText('1 log line').waitFor();
  await strip.getByText(/spans · 3 log lines ·/).waitFor();
  await strip.getByRole('button', { name: 'Pipeline' }).click();
  const row = strip.getByRole('row', { name: /activities-api, log lines/ });
  await row.waitFor();
  t.match(await row.getByRole('cell').allInnerTexts(), [/ago$/, 'honeycomb', '340', '0', '6', '0', /memory/]);
  await strip.getByRole('row', { name: /somebody-else.*1 log lines? among it/ }).waitFor();
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('calls that a service does not make because the other side does not answer', async (t) => {
  const { strip, problems, violations } = await openStrip(
    t,
    `${METRICS}tandem_circuit_breaker_state{name="user-lookup",state="open"} 1
tandem_circuit_breaker_rejected_calls_total{name="user-lookup"} 1234
`,
  );
  await strip.getByText('user-lookup does not answer').waitFor();
  await strip.getByRole('button', { name: 'Pipeline' }).click();
  await strip.getByText('Calls to user-lookup: circuit open, 1,234 calls not made.').waitFor();
  t.same(await violations(), []);
  t.same(problems, []);
});

t.test('a service that was seen and does not run any more is said to be stopped', async (t) => {
  const { strip, problems, violations, stop } = await openStrip(t, METRICS);
  const service = strip.getByRole('listitem').filter({ hasText: 'activities-api' });
  await service.getByText('1,200 exported').waitFor();
  t.equal(await service.getByText('stopped').count(), 0);
  await stop();
  await service.getByText('stopped').waitFor();
  t.same(await violations(), []);
  await strip.getByRole('button', { name: 'Pipeline' }).click();
  await strip.getByRole('row', { name: /activities-api.*Stopped: nothing listens there/ }).waitFor();
  t.same(problems, []);
});

t.test('a notice of the store is shown on every view until the store takes it back', async (t) => {
  const { page, origin } = await openPage(t, { path: '/map' });
  const status = await (await fetch(`${origin}/api/status`)).json();
  const notice = 'The store reached its cap of 1 GiB: the oldest traces are dropped.';
  await page.route('**/api/status', (route) => route.fulfill({ json: { ...status, notices: [notice] } }));
  await page.reload();
  await page.getByRole('contentinfo').getByText(notice).waitFor();
  await page.getByRole('link', { name: 'Query', exact: true }).click();
  t.equal(await page.getByRole('contentinfo').getByText(notice).count(), 1);
  await page.getByRole('button', { name: 'Details' }).click();
  await page.getByText('The store:').waitFor();
  await page.getByRole('contentinfo').getByRole('button', { name: 'Delete …' }).first().click();
  await page.getByRole('dialog', { name: 'Delete what is stored' }).waitFor();
});

t.test('when the explorer stops answering, the page says that it may be old', async (t) => {
  const { page } = await openPage(t, { path: '/map' });
  await page.route('**/api/status', (route) => route.abort());
  await page.reload();
  await page.getByRole('alert').filter({ hasText: 'What is shown may be old' }).waitFor();
});
