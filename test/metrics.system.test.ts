import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import type { DestinationExports } from '../scripts/lib/doctor/service-exports.ts';
import { readServiceExports } from '../scripts/lib/doctor/service-exports.ts';
import { startPair } from './helpers/pair.ts';
import { until } from './helpers/until.ts';

t.test('/metrics of both services count spans, and doctor reads the counts', async (t) => {
  // A backend that takes spans, refuses them for good, or is out of order, as it is told.
  let status = 200;
  const backend = await startOtlpReceiver();
  backend.answer = () => ({ status });
  t.teardown(() => backend.close());

  const pair = await startPair({ otlpUrl: backend.url, env: { RATE_LIMIT_MAX: '3' } });
  t.teardown(() => pair.stop());
  const metricsOf = async (url: string) => {
    const response = await fetch(`${url}/metrics`);
    t.equal(response.status, 200, 'never limited');
    return response.text();
  };
  const readValue = (metrics: string, series: string) =>
    Number(
      metrics
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.slice(series.length),
    );
  /** Reads the counters of both services until they are as expected. */
  const exported = async (condition: (of: DestinationExports) => boolean) => {
    let last: (readonly DestinationExports[])[] = [];
    const look = async () => {
      const services = [pair.api, pair.userLookupUrl].map((url) => readServiceExports({ name: url, url }));
      last = (await Promise.all(services)).map((each) => each ?? []);
      return last.every(([first]) => first !== undefined && condition(first)) && last;
    };
    return until(look, { what: () => `counters as expected, last ${JSON.stringify(last)}`, everyMs: 200 });
  };
  const EXPORTED = 'otel_sdk_exporter_span_exported_total{destination="otlp"}';

  t.equal((await fetch(`${pair.api}/api/activities/home`)).status, 200);
  await exported(({ exported }) => exported >= 2);
  for (const url of [pair.api, pair.userLookupUrl]) {
    for (let count = 0; count < 5; count++) t.ok(readValue(await metricsOf(url), EXPORTED) >= 2);
    const metrics = await metricsOf(url);
    t.ok(readValue(metrics, 'process_resident_memory_bytes') > 10_000_000);
    t.equal(
      readValue(metrics, 'otel_sdk_processor_span_processed_total{destination="otlp"}'),
      readValue(metrics, EXPORTED),
    );
  }

  status = 400;
  t.equal((await fetch(`${pair.api}/api/activities/home`)).status, 200);
  const refused = await exported(({ lost }) => lost >= 2);
  t.match(refused[0], [{ lastError: /400/ }]);

  status = 503;
  t.equal((await fetch(`${pair.api}/api/activities/home`)).status, 200);
  await exported(({ waiting }) => waiting >= 2);

  await pair.stop();
  for (const service of [pair.activities, pair.userLookup]) {
    const [end, ...others] = service
      .output()
      .split('\n')
      .filter((line) => line.includes('"telemetry.end"'));
    t.strictSame(others, []);
    t.match(JSON.parse(end ?? '{}'), {
      level: 'warn',
      msg: /^Telemetry ended\. Spans for otlp: \d+ sent, [1-9]\d* kept on disk for the next start, [1-9]\d* lost \(rejected \d+\)\. Log records for otlp: \d+ sent, /,
    });
  }
});
