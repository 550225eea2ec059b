import { SpanKind } from '@opentelemetry/api';
import t from 'tap';
import { tracer } from '../../../src/common/tracer.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { createTestTelemetry } from '../../../src/testing/index.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry({ waits: true });
t.teardown(() => telemetry.shutdown());

const MAX_CLIENT = { 'db.postgresql.max.client': 5 };

/** A span as OpenTelemetry's instrumentation of pg makes it, of that many milliseconds before now. */
function wait(name: string, fromMs: number, toMs: number): void {
  const now = performance.now();
  const options = { kind: SpanKind.CLIENT, attributes: MAX_CLIENT, startTime: now - fromMs };
  tracer()
    .startSpan(name, options)
    .end(now - toMs);
}

t.test('pg: a wait for a connection of others, and for a new one', async (t) => {
  await withSpan('request', {}, async () => wait('pg-pool.connect', 300, 100));
  const options = { kind: SpanKind.CLIENT, attributes: MAX_CLIENT, startTime: performance.now() - 300 };
  tracer().startActiveSpan('pg-pool.connect', options, (span) => {
    wait('pg.connect', 290, 0);
    span.end();
  });
  const [waited, , , opened] = telemetry.spans().map(({ attributes }) => attributes);
  t.match(waited, { 'tandem.call.waiting_ms': 200, 'tandem.call.pool_size': 5 });
  t.ok(Number(opened?.['tandem.call.connect_ms']) >= 290);
  t.ok(Number(opened?.['tandem.call.waiting_ms'] ?? 0) < 290);
});
