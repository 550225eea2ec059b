import t from 'tap';
import { formatDuration as inTelemetry } from '../packages/telemetry/src/console/duration.ts';
import { formatDuration as inExplorer } from '../packages/trace-explorer/src/shared/format-duration.ts';

t.test('the console exporter and the explorer say a duration in the same words', async (t) => {
  const durations = [0, 60_000, 3_600_000];
  for (let exponent = -7; exponent <= 8; exponent++) {
    for (const digits of [1, 1.2345, 5, 9.994, 9.995, 9.9996]) durations.push(digits * 10 ** exponent);
  }
  t.strictSame(durations.map(inTelemetry), durations.map(inExplorer));
  t.equal(inTelemetry(0), '0 ms');
});
