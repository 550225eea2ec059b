import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { PACKAGE_LIST, packagesOf, TELL_PACKAGES } from '../helpers/loaded-packages.ts';
import { startPair } from '../helpers/pair.ts';
import { until } from '../helpers/until.ts';

t.test('/metrics of both services count spans: sent, waiting, lost, and the last failure', async (t) => {
  // A backend that takes spans, refuses them for good, or is out of order, as it is told.
  let status = 200;
  const backend = await startOtlpReceiver();
  backend.answer = () => ({ status });
  t.teardown(() => backend.close());

  const pair = await startPair({
    otlpUrl: backend.url,
    env: { RATE_LIMIT_MAX: '3' },
    nodeOptions: TELL_PACKAGES,
  });
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
  /** Reads the metrics of both services until one series has at least 2 in each. */
  const counted = (series: RegExp) =>
    until(
      async () => {
        const all = await Promise.all([pair.api, pair.userLookupUrl].map(metricsOf));
        return all.every((text) => Number(series.exec(text)?.[1]) >= 2) && all;
      },
      { what: () => String(series), everyMs: 200 },
    );
  const EXPORTED = 'otel_sdk_exporter_span_exported_total{destination="otlp"}';
  const PROCESSED = 'otel_sdk_processor_span_processed_total{destination="otlp"}';

  t.equal((await fetch(`${pair.api}/api/activities/home`)).status, 200);
  await counted(/^otel_sdk_exporter_span_exported_total\{destination="otlp"\} (\d+)$/m);
  for (const url of [pair.api, pair.userLookupUrl]) {
    for (let count = 0; count < 5; count++) t.ok(readValue(await metricsOf(url), EXPORTED) >= 2);
    // The spans of a request may leave in two exports.
    const metrics = await until(async () => {
      const text = await metricsOf(url);
      return readValue(text, PROCESSED) === readValue(text, EXPORTED) && text;
    });
    t.ok(readValue(metrics, 'process_resident_memory_bytes') > 10_000_000);
  }

  status = 400;
  t.equal((await fetch(`${pair.api}/api/activities/home`)).status, 200);
  await counted(/^otel_sdk_exporter_span_exported_total\{.*error_type="rejected".*\} (\d+)$/m);

  status = 503;
  t.equal((await fetch(`${pair.api}/api/activities/home`)).status, 200);
  await counted(/^otel_sdk_exporter_spool_spans\{destination="otlp"\} (\d+)$/m);

  await pair.stop();
  for (const service of [pair.activities, pair.userLookup]) {
    const [end, ...others] = service
      .output()
      .split('\n')
      .filter((line) => line.includes('"telemetry.end"'));
    t.strictSame(others, []);
    t.match(JSON.parse(end ?? '{}'), {
      level: 'warn',
      msg: /^Telemetry ended\. Spans for otlp: \d+ sent, [1-9]\d* kept on disk for the next start, lost: rejected [1-9]\d*\. Log records for otlp: \d+ sent, /,
    });
  }

  await t.test("a service of the pair has loaded all of the project's package list", async (t) => {
    const report = { loaded: PACKAGE_LIST, isPatched: true };
    t.same([pair.activities, pair.userLookup].map(packagesOf), [report, report]);
    const clients = backend.spans().filter(({ kind }) => kind === 'CLIENT');
    t.ok(clients.length > 0, 'requests went through it');
  });
});
