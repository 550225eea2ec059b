import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { profileOwnTime } from '../../../src/features/profile/index.ts';
import { processorOf } from '../../../src/road/spans/span-steps.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';

// Alone in its process: it samples the process.
const telemetry = createTestTelemetry({
  waits: true,
  spanProcessors: [processorOf([profileOwnTime() ?? {}])],
});
t.teardown(() => telemetry.shutdown());

function standStill(): void {
  for (const end = performance.now() + 150; performance.now() < end; );
}

t.test('with a profile, a stall names the function that ran longest', async (t) => {
  // On a busy machine the thread may wait for a processor all that time, and nothing of it runs.
  const named = await until(async () => {
    telemetry.reset();
    await withSpan('loops', {}, async () => {
      await sleep(30);
      standStill();
      await sleep(1);
    });
    return telemetry
      .spans()[0]
      ?.events.find(({ attributes }) => attributes?.['code.function.name'] === 'standStill');
  });
  t.match(named.attributes, { 'code.file.path': /stalled-function\.test\.ts$/, 'code.line.number': 16 });
});
