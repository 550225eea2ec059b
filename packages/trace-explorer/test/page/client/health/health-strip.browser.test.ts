import fastify from 'fastify';
import t from 'tap';
import { openPage } from '../../browser.ts';
import { sendTraffic } from '../../traffic.ts';

const metrics = `otel_sdk_exporter_span_exported_total{destination="honeycomb"} 1200
otel_sdk_exporter_span_exported_total{destination="honeycomb",error_type="queue_full"} 7
otel_sdk_exporter_span_exported_total{destination="honeycomb",error_type="rejected"} 3
otel_sdk_processor_span_queue_size{destination="honeycomb"} 5
`;

t.test('for each service: exported, dropped, rejected, and what to do about it', async (t) => {
  const service = fastify();
  service.get('/metrics', async () => metrics);
  t.teardown(() => service.close());
  const apiUrl = await service.listen({ host: '127.0.0.1', port: 0 });
  const { page, problems, violations } = await openPage(t, {
    path: '/map',
    explorer: { apiUrl },
    fill: (store) => sendTraffic(store, { traces: 5 }),
  });
  const strip = page.getByRole('contentinfo');
  await strip.getByText('1,200 exported · 7 dropped · 3 rejected').waitFor();
  await strip.getByRole('button', { name: 'Pipeline' }).click();
  const row = strip.getByRole('row', { name: /activities-api/ });
  t.match(await row.getByRole('cell').allInnerTexts(), [
    /ago$/,
    'honeycomb',
    '1,200',
    '5',
    '7',
    '3',
    /pnpm honeycomb:check/,
  ]);
  t.same(await violations(), []);
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
});

t.test('when the explorer stops answering, the page says that it may be old', async (t) => {
  const { page } = await openPage(t, { path: '/map' });
  await page.route('**/api/status', (route) => route.abort());
  await page.reload();
  await page.getByRole('alert').filter({ hasText: 'What is shown may be old' }).waitFor();
});
