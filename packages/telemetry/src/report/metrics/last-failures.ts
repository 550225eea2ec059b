import type { LastFailure } from '../../counters.ts';
import { renderFamily } from './render-family.ts';

const LAST_ERROR = {
  name: 'otel_sdk_exporter_last_error_timestamp_seconds',
  type: 'gauge',
  help: 'When an export last failed, and why; absent while the destination works. The log has it in words.',
} as const;

/** The last failure of each destination that does not work, in Prometheus' text format. */
export function renderLastFailures(failures: readonly LastFailure[]): string {
  return renderFamily(
    LAST_ERROR,
    failures.map(({ destination, signal, cause, status, atSeconds }) => [
      {
        destination,
        error_type: cause,
        ...(status !== undefined && { http_response_status_code: String(status) }),
        ...(signal === 'logs' && { signal }),
      },
      atSeconds,
    ]),
  );
}
