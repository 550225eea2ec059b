import t from 'tap';
import { withSpan } from '../../../src/index.ts';
import { startReceiver } from '../../receiver.ts';
import { startIn } from '../../start-in.ts';

// Alone in its process: a service starts telemetry once, and what it loaded keeps the tracers of that start.
const receiver = await startReceiver(t);
t.beforeEach(() => receiver.reset());
const toReceiver = {
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_LOGS_EXPORTER: 'none',
  LOG_LEVEL: 'silent',
};

for (const [TRACE_WAITS, isTold] of [
  ['true', true],
  ['false', false],
] as const)
  t.test(
    `TRACE_WAITS=${TRACE_WAITS}: a span ${isTold ? 'says' : 'does not say'} how long its process stood still`,
    async (t) => {
      const listeners = process.listenerCount('SIGCONT');
      const telemetry = startIn({ DATA_DIR: t.testdir(), ...toReceiver, TRACE_WAITS });
      t.teardown(() => telemetry.shutdown());
      withSpan('work', {}, () => {
        for (const end = performance.now() + 60; performance.now() < end; );
      });
      await telemetry.flush();
      const [span] = receiver.spans();
      t.equal('tandem.stalled_ms' in (span?.attributes ?? {}), isTold);
      t.equal(
        span?.events.some(({ name }) => name === 'stall'),
        isTold,
      );
      await telemetry.shutdown();
      t.equal(process.listenerCount('SIGCONT'), listeners);
    },
  );
