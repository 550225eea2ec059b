import { undiciChannels } from '@tandem/auto-instrumentation';
import type { Instrument, SettingsDefaults, StartOptions, Telemetry } from '@tandem/telemetry';
import { fastifyServers, pinoLines, readSettings, startTelemetry } from '@tandem/telemetry';
import { undici } from '@tandem/telemetry/undici';
import { loadLeanEngine } from './lean-engine.ts';

/** Options of the host. Settings in the environment win over defaults of the host. */
export interface RegisterOptions extends SettingsDefaults, Pick<StartOptions, 'log' | 'spanProcessors'> {
  /** Everything that makes spans and log records; default: Fastify's servers, `fetch` and undici, and pino's lines. */
  readonly instruments?: readonly Instrument[];
}

/**
 * Starts telemetry for a service: SERVER spans of Fastify, CLIENT spans of `fetch` and undici, log lines of pino. A process
 * at its end sends its last spans. TRACE_LEAN and TRACE_FASTIFY_LIFECYCLE work. For your own module that `--import` loads.
 *
 * @example
 * ```ts
 * // telemetry.ts, for `node --import ./telemetry.ts main.ts`
 * export const telemetry = registerTelemetry({ baggageAttributes: ['user.id'] });
 * ```
 * @returns the running telemetry where telemetry runs already, as under the explorer's `run`; a warning names lost options
 */
export function registerTelemetry(options: RegisterOptions = {}): Telemetry {
  const settings = readSettings(process.env, options);
  const engine = settings.lean ? loadLeanEngine() : undefined;
  const instruments = [fastifyServers, settings.lean ? undiciChannels : undici, pinoLines];
  return startTelemetry({ instruments, ...options, settings, engine });
}
