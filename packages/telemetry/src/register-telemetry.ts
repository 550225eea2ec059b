import { fastifyServers } from './fastify/every-server.ts';
import type { Instrument } from './instrument.ts';
import { pinoLines } from './logs/pino-lines.ts';
import type { Telemetry } from './running.ts';
import type { SettingsDefaults } from './settings/index.ts';
import { readSettings } from './settings/index.ts';
import { loadEntry } from './settings/optional-package.ts';
import type { StartOptions } from './start.ts';
import { startTelemetry } from './start.ts';

/** Options of the host. Settings in the environment win over defaults of the host. */
export interface RegisterOptions extends SettingsDefaults, Pick<StartOptions, 'log' | 'spanProcessors'> {
  /** Everything that makes spans and log records; default: Fastify's servers, `fetch` and undici, and pino's lines. */
  readonly instruments?: readonly Instrument[];
}

/** Servers without Fastify, `http.request`, `fetch`, drivers: what `./register` has. Loaded when telemetry starts it. */
export const autoInstrumentation: Instrument = (parts) =>
  loadEntry<typeof import('./any-process/index.ts')>('any-process').autoInstrumentation(parts);

/** CLIENT spans of `fetch` and undici from undici's channels; patches nothing. Loaded when telemetry starts it. */
export const undiciChannels: Instrument = () =>
  loadEntry<typeof import('./any-process/index.ts')>('any-process').undiciChannels();

/** CLIENT spans of `fetch` and undici by the official instrumentation. */
const undici: Instrument = (parts) => loadEntry<{ undici: Instrument }>('undici').undici(parts);

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
  const instruments = [fastifyServers, settings.lean ? undiciChannels : undici, pinoLines];
  return startTelemetry({ instruments, ...options, settings });
}
