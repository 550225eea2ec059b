import t from 'tap';
import { keepLastFailures } from '../../../src/report/metrics/last-failures.ts';

t.test('the last failure is shown until the destination works again, and reported as before', async (t) => {
  const calls: string[] = [];
  const reporter = {
    report: ({ url }: { url: string }, spansLost: number) => void calls.push(`report ${url} ${spansLost}`),
    recovered: (url: string) => void calls.push(`recovered ${url}`),
    finish: () => void calls.push('finish'),
  };
  const url = 'http://localhost:4318/v1/traces';
  const logsUrl = 'http://localhost:4318/v1/logs';
  const failures = keepLastFailures([
    { name: 'otlp', url, signal: 'traces' },
    { name: 'otlp', url: logsUrl, signal: 'logs' },
  ]);
  const heard = failures.heardBy(reporter);
  t.equal(failures.render(), '');

  heard.report({ url, cause: 'refused', detail: 'ECONNREFUSED with "hunter2"' }, 3);
  t.match(
    failures.render(),
    /^otel_sdk_exporter_last_error_timestamp_seconds\{destination="otlp",error_type="refused"\} \d+(\.\d+)?$/m,
  );
  t.notMatch(failures.render(), 'hunter2');

  heard.report({ url, cause: 'rejected', status: 400, detail: 'no' }, 1);
  t.match(failures.render(), '{destination="otlp",error_type="rejected",http_response_status_code="400"} ');

  heard.report({ url: logsUrl, cause: 'refused', detail: 'ECONNREFUSED' }, 0);
  t.match(failures.render(), '{destination="otlp",error_type="refused",signal="logs"} ');
  heard.recovered(logsUrl);

  heard.recovered(url);
  t.equal(failures.render(), '');
  heard.finish();
  t.strictSame(calls, [
    `report ${url} 3`,
    `report ${url} 1`,
    `report ${logsUrl} 0`,
    `recovered ${logsUrl}`,
    `recovered ${url}`,
    'finish',
  ]);
});
