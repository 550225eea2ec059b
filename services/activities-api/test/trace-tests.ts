import { createTestTelemetry } from '@tandem/telemetry/testing';
import { undici } from '@tandem/telemetry/undici';
import t from 'tap';

/** Registers telemetry for all tests of a file, which must be alone in its process. Each test begins without spans. */
export function traceTests() {
  const telemetry = createTestTelemetry();
  const stopInstrumentation = undici()();
  t.teardown(() => {
    stopInstrumentation();
    return telemetry.shutdown();
  });
  t.beforeEach(() => telemetry.reset());
  return telemetry;
}
