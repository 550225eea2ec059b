import { traceFetch } from './client/fetch-client.ts';
import { registerProcess } from './register-process.ts';
import type { Telemetry } from './running.ts';
import type { RegisterOptions } from './start.ts';

/**
 * Starts telemetry for a service: SERVER spans of Fastify, CLIENT spans of `fetch` and undici, log lines of pino. A process
 * at its end sends its last spans, and TRACE_FASTIFY_LIFECYCLE works. For your own module that `--import` loads.
 *
 * @example
 * ```ts
 * // telemetry.ts, for `node --import ./telemetry.ts main.ts`
 * export const telemetry = registerTelemetry({ baggageAttributes: ['user.id'] });
 * ```
 * @throws Error when telemetry runs already
 */
export function registerTelemetry(options: RegisterOptions = {}): Telemetry {
  return registerProcess({ instrumentations: [traceFetch], ...options });
}
