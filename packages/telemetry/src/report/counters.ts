import type { DeliveryCounters } from '@tandem/durable-export';

/** The present counters of this process. */
export interface TelemetryCounters {
  readonly spans: DeliveryCounters;
  readonly logs: DeliveryCounters;
}
