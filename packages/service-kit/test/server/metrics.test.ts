import Fastify from 'fastify';
import t from 'tap';
import { metricsRoute } from '../../src/server/health.ts';

const delivery = {
  ended: 9,
  recovered: 0,
  exported: 4,
  spooled: 2,
  handedOver: 5,
  lost: {
    queue_full: 0,
    spool_full: 0,
    spool_damaged: 0,
    rejected: 3,
    too_large: 0,
    unencodable: 0,
    shutdown: 0,
  },
  requests: { taken: 1, retry: 2, 'too-large': 0, refused: 1 },
  queue: { items: 1, capacity: 3 },
  spool: { items: 4, bytes: 5, capacityBytes: 6 },
};
const counters = {
  spans: {
    destinations: [
      { name: 'a "quoted"\\\nname', ...delivery },
      { name: 'otlp', ...delivery },
    ],
  },
  logs: {
    destinations: [{ name: 'otlp', ...delivery, spool: { items: 7, bytes: 8, capacityBytes: 9 } }],
  },
} as const;

t.test('telemetry’s counters are on /metrics, and reading does not change them', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  metricsRoute(app, { runtime: { telemetry: { counters: () => counters } } });
  await app.inject('/metrics');
  const { body, headers } = await app.inject('/metrics');
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  const lines = body.split('\n');
  for (const line of [
    'otel_sdk_processor_span_processed_total{destination="otlp"} 9',
    'otel_sdk_processor_log_processed_total{destination="otlp"} 9',
    'otel_sdk_processor_span_queue_size{destination="otlp"} 1',
    'otel_sdk_processor_span_queue_capacity{destination="otlp"} 3',
    'otel_sdk_exporter_span_exported_total{destination="otlp"} 4',
    'otel_sdk_exporter_span_exported_total{destination="otlp",error_type="rejected"} 3',
    'otel_sdk_exporter_log_exported_total{destination="otlp",error_type="queue_full"} 0',
    'otel_sdk_exporter_span_spooled_total{destination="otlp"} 2',
    'otel_sdk_exporter_log_recovered_total{destination="otlp"} 0',
    'otel_sdk_exporter_span_handed_over_total{destination="otlp"} 5',
    'otel_sdk_exporter_requests_total{destination="otlp",outcome="retry"} 2',
    'otel_sdk_exporter_log_requests_total{destination="otlp",outcome="too-large"} 0',
    'otel_sdk_exporter_spool_spans{destination="otlp"} 4',
    'otel_sdk_exporter_spool_bytes{destination="otlp"} 5',
    'otel_sdk_exporter_log_spool_logs{destination="otlp"} 7',
    'otel_sdk_exporter_log_spool_capacity_bytes{destination="otlp"} 9',
    'otel_sdk_processor_span_processed_total{destination="a \\"quoted\\"\\\\\\nname"} 9',
    '# TYPE otel_sdk_processor_span_queue_size gauge',
    '# TYPE otel_sdk_exporter_requests_total counter',
  ])
    t.ok(lines.includes(line), line);
  t.notMatch(body, 'tandem_honeycomb_info', 'no key was accepted');
  t.match(body, /^process_resident_memory_bytes \d+$/m);
});
