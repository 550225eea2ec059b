import { trace } from '@opentelemetry/api';
import t from 'tap';
import { silent } from '../logs/start.ts';
import { startReceiver } from '../receiver.ts';
import { startIn } from '../start-in.ts';

t.test("a process counts the spans that a backend did not take, by the exporter's own warning", async (t) => {
  // partial_success { rejected_spans: 1 }
  const receiver = await startReceiver(t, { status: 200, body: Uint8Array.of(0x0a, 2, 0x08, 1) });
  const telemetry = startIn(
    {
      OTEL_SERVICE_NAME: 'partial',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_LOG_LEVEL: 'none',
      DATA_DIR: t.testdir(),
    },
    { log: silent },
  );
  t.teardown(() => telemetry.shutdown());
  const tracer = trace.getTracer('test');
  for (const name of ['a', 'b', 'c']) tracer.startSpan(name).end();
  await telemetry.flush();
  t.match(telemetry.counters().spans.destinations, [{ exported: 2, lost: { rejected: 1 } }]);
});
