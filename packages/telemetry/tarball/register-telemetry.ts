import { registerTelemetry as register } from '../src/register-telemetry.ts';
import type { Telemetry } from '../src/running.ts';
import type { StartOptions } from '../src/start.ts';
import { loadLean } from './lean.ts';

/**
 * Starts telemetry with options, for your own module that `--import` loads. A process at its end sends its last spans.
 * TRACE_LEAN and TRACE_FASTIFY_LIFECYCLE work.
 *
 * @example
 * ```ts
 * // telemetry.ts, for `node --import ./telemetry.ts main.ts`
 * export const telemetry = registerTelemetry({ baggageAttributes: ['user.id'] });
 * ```
 * @returns the running telemetry where telemetry runs already, as under the explorer's `run`; a warning says so
 */
export function registerTelemetry(options: StartOptions = {}): Telemetry {
  return register({ ...options, lean: loadLean });
}
