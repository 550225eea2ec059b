import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { watchProcess } from '../../../src/report/metrics/process-metrics.ts';

t.test('CPU, memory, start and delays of the event loop, as numbers that can be true', async (t) => {
  const metrics = watchProcess();
  t.teardown(() => metrics.stop());
  await new Promise((resolve) => setTimeout(resolve, 50));
  // A turn of the event loop that takes 100 ms.
  for (const start = performance.now(); performance.now() - start < 100; );
  const readValue = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics.render())?.[1] ?? Number.NaN);
  await until(() => readValue('nodejs_eventloop_delay_max_seconds') > 0.05);
  t.ok(readValue('process_cpu_seconds_total') >= 0.05);
  t.ok(readValue('process_resident_memory_bytes') > 10_000_000);
  t.ok(readValue('process_start_time_seconds') <= Date.now() / 1000);
  t.ok(readValue('nodejs_eventloop_delay_p99_seconds') <= readValue('nodejs_eventloop_delay_max_seconds'));
});
