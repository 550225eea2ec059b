import fastify from 'fastify';
import t from 'tap';
import { renderArrivals } from '../../../telemetry/src/report/metrics/arrival-metrics.ts';
import { renderDeliveryMetrics } from '../../../telemetry/src/report/metrics/delivery-metrics.ts';
import { renderHoneycombInfo } from '../../../telemetry/src/report/metrics/honeycomb-info.ts';
import { keepLastFailures } from '../../../telemetry/src/report/metrics/last-failures.ts';
import { parseMetrics } from '../../src/pipeline/parse-metrics.ts';
import { pipelineRoutes } from '../../src/pipeline/routes.ts';
import { temporaryExplorer } from '../explorer.ts';

t.test(
  'services tell of their exports; one that nothing listens for any more is said to be stopped',
  async (t) => {
    let asked = 0;
    const service = fastify();
    service.get('/metrics', async () => {
      asked += 1;
      return `otel_sdk_exporter_span_exported_total{destination="honeycomb"} 12
tandem_honeycomb_info{team="bees",environment="test",region="us"} 1
tandem_circuit_breaker_state{name="lookup",state="half_open"} 1
`;
    });
    t.teardown(() => service.close());
    const url = await service.listen({ host: '127.0.0.1', port: 0 });
    const silent = fastify();
    const silentUrl = await silent.listen({ host: '127.0.0.1', port: 0 });
    await silent.close();

    const app = fastify();
    t.teardown(() => app.close());
    await app.register(pipelineRoutes, {
      services: [
        { name: 'api', url },
        { name: 'lookup', url: silentUrl },
      ],
    });
    const { services } = (await app.inject('/api/pipeline')).json();
    t.same(services, [
      {
        name: 'api',
        reachable: true,
        stopped: false,
        destinations: [{ name: 'honeycomb', exported: 12, waiting: 0, rejected: 0, dropped: 0, reasons: {} }],
        honeycomb: { team: 'bees', environment: 'test', region: 'us' },
        circuits: [{ name: 'lookup', state: 'half_open', rejected: 0 }],
      },
      { name: 'lookup', reachable: false, stopped: true, destinations: [] },
    ]);
    await app.inject('/api/pipeline');
    t.equal(asked, 1, 'pages that ask at the same time share one answer');
  },
);

const none = {
  queue_full: 0,
  spool_full: 0,
  spool_old: 0,
  disk_full: 0,
  spool_damaged: 0,
  rejected: 0,
  too_large: 0,
  unencodable: 0,
  shutdown: 0,
};

t.test('the counters that a service renders are read back', (t) => {
  const text = renderDeliveryMetrics('traces', {
    destinations: [
      {
        name: 'say "hi"\\',
        ended: 20,
        recovered: 1,
        exported: 10,
        spooled: 4,
        handedOver: 0,
        lost: { ...none, queue_full: 2, rejected: 3, too_large: 1 },
        requests: { taken: 1, retry: 0, 'too-large': 0, refused: 1 },
        queue: { items: 3, bytes: 300, capacityBytes: 1000 },
        spool: { items: 2, bytes: 200, capacityBytes: 1000 },
      },
    ],
  });
  t.same(parseMetrics(text).destinations, [
    {
      name: 'say "hi"\\',
      exported: 10,
      waiting: 5,
      rejected: 4,
      dropped: 2,
      reasons: { queue_full: 2, rejected: 3, too_large: 1 },
    },
  ]);
  t.end();
});

t.test('requests by what their caller says about sampling are read back', async (t) => {
  const arrivals = { none: 1, sampled: 2, unsampled: 30 };
  t.strictSame(parseMetrics(renderArrivals(arrivals)).arrivals, arrivals);
  t.equal(parseMetrics('').arrivals, undefined);
  t.end();
});

t.test('log records have counters of their own', (t) => {
  const counters = {
    name: 'otlp',
    ended: 20,
    recovered: 0,
    exported: 10,
    spooled: 4,
    handedOver: 0,
    lost: { ...none, queue_full: 2, rejected: 3 },
    requests: { taken: 1, retry: 0, 'too-large': 0, refused: 1 },
    queue: { items: 3, bytes: 300, capacityBytes: 1000 },
    spool: { items: 2, bytes: 200, capacityBytes: 1000 },
  };
  const spans = renderDeliveryMetrics('traces', {
    destinations: [{ ...counters, exported: 99, lost: none }],
  });
  const [destination] = parseMetrics(
    spans + renderDeliveryMetrics('logs', { destinations: [counters] }),
  ).destinations;
  t.match(destination, { name: 'otlp', exported: 99, waiting: 5, rejected: 0, dropped: 0 });
  t.same(destination?.logs, {
    exported: 10,
    waiting: 5,
    rejected: 3,
    dropped: 2,
    reasons: { queue_full: 2, rejected: 3 },
  });
  t.notOk(parseMetrics(spans).destinations[0]?.logs);
  t.end();
});

t.test('why exports fail is said in words, also for a cause that is not known', (t) => {
  const url = 'http://localhost:4318/v1/traces';
  const reporter = { report() {}, recovered() {}, finish() {} };
  const failures = keepLastFailures([{ name: 'otlp', url, signal: 'traces' }]);
  const heard = failures.heardBy(reporter);
  const lastError = (text: string) => parseMetrics(text).destinations[0]?.lastError;
  heard.report({ url, cause: 'refused' }, 1);
  t.match(lastError(failures.render()), 'The last export failed: nothing listens there.');
  heard.report({ url, cause: 'rejected', status: 400 }, 1);
  t.match(lastError(failures.render()), 'The last export failed: 400, the request was not understood.');
  t.match(
    lastError('otel_sdk_exporter_last_error_timestamp_seconds{destination="otlp",error_type="moon"} 1'),
    'The last export failed: moon.',
  );
  t.end();
});

t.test('anything else is passed over', (t) => {
  t.same(parseMetrics('<html>not metrics</html>\nup 1\nx{destination="a"} NaN\n# HELP x y\nx{broken 1'), {
    destinations: [],
  });
  t.end();
});

t.test('the circuit breakers of a service, each with its state and the calls that it spared', (t) => {
  const states = (name: string, is: string) =>
    ['closed', 'open', 'half_open']
      .map(
        (state) => `tandem_circuit_breaker_state{name="${name}",state="${state}"} ${state === is ? 1 : 0}\n`,
      )
      .join('');
  const text = `${states('user-lookup', 'open')}tandem_circuit_breaker_rejected_calls_total{name="user-lookup"} 12
${states('mail', 'closed')}tandem_circuit_breaker_state{name="moon",state="eclipsed"} 1
`;
  t.same(parseMetrics(text).circuits, [
    { name: 'user-lookup', state: 'open', rejected: 12 },
    { name: 'mail', state: 'closed', rejected: 0 },
  ]);
  t.end();
});

t.test('whose Honeycomb key it is, as a service renders it', (t) => {
  const text = renderHoneycombInfo({
    kind: 'accepted',
    endpoint: { url: 'https://api.eu1.honeycomb.io', region: 'EU' },
    form: 'environment-ingest',
    team: 'bees',
    environment: 'pro"d',
    mayIngest: true,
    mayCreateDatasets: true,
    datasetIgnored: false,
  });
  t.same(parseMetrics(text).honeycomb, { team: 'bees', environment: 'pro"d', region: 'eu' });
  t.same(parseMetrics('tandem_honeycomb_info{team="bees",region="moon"} 1').honeycomb, {
    team: 'bees',
    environment: '',
    region: 'other',
  });
  t.equal(parseMetrics('tandem_honeycomb_info{region="us"} 1').honeycomb, undefined);
  t.end();
});

t.test('the explorer is ready while its store answers', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  t.match(await get('/health/ready'), { status: 200, body: { status: 'ok' } });
  await store.close();
  t.match(await get('/health/ready'), { status: 503, type: /problem\+json/, body: { code: 'NOT_READY' } });
  t.match(await get('/health/live'), { status: 200 });
});
