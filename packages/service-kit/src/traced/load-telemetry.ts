import { trace } from '@opentelemetry/api';
import type { MetricValues } from '@tandem/telemetry';
import type { OpenRequests } from '../server/admission.ts';
import type { LoadShedding, ShedReason } from '../server/load-shedding.ts';

/** Says on the SERVER span of a request why it was not let in; its `error.type` is UNDER_PRESSURE. */
export function markShed(reason: ShedReason): void {
  trace.getActiveSpan()?.setAttribute('app.shed_reason', reason);
}

/** How much a server has to do, and what it refused to, for /metrics. */
export function loadMetrics(shedding: LoadShedding, open: OpenRequests): readonly MetricValues[] {
  return [
    {
      name: 'tandem_http_server_open_requests',
      type: 'gauge',
      help: 'Requests that have arrived whole and are not answered yet.',
      samples: [[{}, open.count]],
    },
    {
      name: 'tandem_http_server_shed_requests_total',
      type: 'counter',
      help: 'Requests that were refused with 503 because of load, by reason.',
      samples: [...shedding.counts].map(([reason, count]) => [{ reason }, count]),
    },
  ];
}
