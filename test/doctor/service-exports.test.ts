import fastify from 'fastify';
import t from 'tap';
import { metricsRoute } from '../../packages/service-kit/src/metrics.ts';
import { exportsIn } from '../../scripts/lib/doctor/service-exports.ts';

t.test('the counters that a service renders are read back', async (t) => {
  const lost = {
    queue_full: 2,
    spool_full: 0,
    spool_damaged: 0,
    rejected: 3,
    too_large: 1,
    unencodable: 0,
    shutdown: 0,
  };
  const counters = {
    name: 'say "hi"\\',
    ended: 20,
    recovered: 1,
    exported: 10,
    spooled: 4,
    handedOver: 0,
    lost,
    requests: { taken: 1, retry: 0, 'too-large': 0, refused: 1 },
    queue: { items: 3, bytes: 300, capacityBytes: 1000 },
    spool: { items: 2, bytes: 200, capacityBytes: 1000 },
  };
  const app = fastify();
  t.teardown(() => app.close());
  metricsRoute(app, {
    counters: () => ({
      spans: { destinations: [counters] },
      logs: { destinations: [counters] },
      lastFailures: [],
      arrivals: { none: 0, sampled: 0, unsampled: 0 },
    }),
  });
  const { body: text } = await app.inject('/metrics');
  t.strictSame(exportsIn(text), [{ name: 'say "hi"\\', exported: 10, waiting: 5, lost: 6 }]);
  const error =
    'otel_sdk_exporter_last_error_timestamp_seconds{destination="otlp",error_type="rejected",http_response_status_code="400"} 1';
  t.match(exportsIn(error), [{ lastError: 'The last export failed: 400, rejected.' }]);
  t.same(exportsIn('<html>not metrics</html>\nup 1\n# HELP x y'), []);
});
