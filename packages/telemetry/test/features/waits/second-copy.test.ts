import t from 'tap';
import { withSpan } from '../../../src/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';

// Alone in its process: telemetry is registered for all tests.

/** Long ago enough to be told. */
const WAITED_MS = 50;

for (const waits of [true, false])
  t.test(
    `a wait that another copy of this package hears of, as tsx loads one: TRACE_WAITS=${waits}`,
    async (t) => {
      const telemetry = createTestTelemetry({ waits });
      t.teardown(() => telemetry.shutdown());
      const other: typeof import('../../../src/road/http/call.ts') = await import(
        `../../../src/road/http/call.ts${'?copy'}`
      );
      withSpan('request', {}, () => {
        const since = performance.now() - WAITED_MS;
        const call = { ...other.poolAsked('pool'), since };
        other.poolGot(call, { isNew: false });
        const { startTime, attributes = {} } = other.calls.withWait({}, 'pool', 3);
        t.equal(startTime, waits ? since : undefined);
        t.equal(attributes['tandem.call.pool_size'], waits ? 3 : undefined);
        t.same(other.calls.withWait({}, 'pool', 3), {}, 'the next command has no wait');
      });
    },
  );
