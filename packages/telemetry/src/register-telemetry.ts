import { traceFetch } from './client/fetch-client.ts';
import type { Telemetry } from './running.ts';
import { running } from './running.ts';
import type { RegisterOptions } from './start.ts';
import { startTelemetry } from './start.ts';

/**
 * Starts telemetry for a service: SERVER spans of Fastify, CLIENT spans of `fetch` and undici, log lines of pino. A process
 * at its end sends its last spans, and TRACE_FASTIFY_LIFECYCLE works. For your own module that `--import` loads.
 *
 * @example
 * ```ts
 * // telemetry.ts, for `node --import ./telemetry.ts main.ts`
 * export const telemetry = registerTelemetry({ baggageAttributes: ['user.id'] });
 * ```
 * @returns the running telemetry where telemetry runs already, as under the explorer's `run`; a warning says so
 */
export function registerTelemetry(options: RegisterOptions = {}): Telemetry {
  if (running.value === undefined) return startTelemetry({ fetch: traceFetch, ...options });
  running.value.log.warn(
    {},
    'Telemetry runs already in this process, so `registerTelemetry` starts nothing and its options are left out. Start telemetry once.',
  );
  return running.value;
}
