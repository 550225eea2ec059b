import type { MetricValues } from '@tandem/telemetry';

/** Look-ups that earn one retry. */
const LOOKUPS_PER_RETRY = 10;
/** Retries that can be saved up: enough for a restart behind a balancer, too few to load what has just come back. */
const MAX_SAVED_RETRIES = 10;

/** Bounds retries to a tenth of what is asked, so that an outage is not answered with twice the load. */
export class RetryBudget {
  #earned = 0;
  #spent = 0;

  /** Retries made so far. */
  get spent(): number {
    return this.#spent;
  }

  /** To be called for each look-up, whatever comes of it. */
  earn(): void {
    this.#earned = Math.min(this.#earned + 1, LOOKUPS_PER_RETRY * MAX_SAVED_RETRIES);
  }

  /** Takes one retry; false when there is none. */
  take(): boolean {
    if (this.#earned < LOOKUPS_PER_RETRY) return false;
    this.#earned -= LOOKUPS_PER_RETRY;
    this.#spent++;
    return true;
  }
}

/** How often something was asked again, for /metrics; `name` is what was asked. */
export function retryMetric(name: string, budget: RetryBudget): MetricValues {
  return {
    name: 'tandem_http_client_retries_total',
    type: 'counter',
    help: 'Requests that were sent again because no answer came to the first.',
    samples: [[{ name }, budget.spent]],
  };
}
