import t from 'tap';
import { startExplorer } from '../../benchmarks/lib/explorer-process.ts';
import type { Report } from '../../packages/trace-explorer/src/parts/verify/server/schemas.ts';
import { startPair } from '../helpers/pair.ts';
import { until } from '../helpers/until.ts';

t.setTimeout(300_000);

t.test('the services of the pair have the best score, and nothing is said against them', async (t) => {
  const explorer = await startExplorer(t);
  const pair = await startPair({ otlpUrl: explorer.otlpUrl.replace('/v1/traces', '') });
  t.teardown(() => pair.stop());
  for (const path of ['home', '@andrewbrown', 'search?term=a', '00000000-0000-4000-8000-000000000000'])
    await (await fetch(`${pair.api}/api/activities/${path}`)).text();
  const report = await until(
    async () => {
      const answer = await fetch(`${explorer.origin}/api/verify`);
      const found = (await answer.json()) as Report;
      return found.services.length === 2 && found.of >= 12 ? found : undefined;
    },
    { what: 'the spans of both services', everyMs: 500 },
  );
  for (const { service, score, violations } of report.services) {
    t.equal(score, 100, service);
    t.strictSame(violations, [], service);
  }
});
