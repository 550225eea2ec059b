import t from 'tap';
import { renderLastFailures } from '../../../src/report/metrics/last-failures.ts';

t.test('each destination that does not work has its last failure', async (t) => {
  t.equal(renderLastFailures([]), '');
  const last = {
    destination: 'otlp',
    signal: 'traces',
    cause: 'rejected',
    status: 400,
    atSeconds: 7,
  } as const;
  t.match(
    renderLastFailures([last, { destination: 'otlp', signal: 'logs', cause: 'refused', atSeconds: 8 }]),
    `{destination="otlp",error_type="rejected",http_response_status_code="400"} 7
otel_sdk_exporter_last_error_timestamp_seconds{destination="otlp",error_type="refused",signal="logs"} 8`,
  );
});
