import type { Instrumentation, StartInstrumentation } from './instrumentation.ts';
import { load } from './process/load.ts';
import type { Telemetry } from './process/running.ts';
import type { SettingsDefaults } from './process/settings/index.ts';
import { readSettings } from './process/settings/index.ts';
import { withParentVariables } from './process/settings/parent-variables.ts';
import type { StartOptions } from './process/start.ts';
import { startTelemetry } from './process/start.ts';
import { pino } from './road/logs/pino-lines.ts';
import { fastify } from './service/fastify/every-server.ts';

type AnyProcess = typeof import('./guest/any-process/index.ts');

/** Options of `registerTelemetry`. Settings in the environment win over defaults of the host. */
export interface RegisterOptions extends SettingsDefaults, Pick<StartOptions, 'log' | 'spanProcessors'> {
  /** Everything that makes spans and log records; default: Fastify's servers, `fetch` and undici, and pino's lines. */
  readonly instrumentations?: readonly Instrumentation[];
}

/** Servers without Fastify, `http.request`, `fetch`, drivers: what `./register` has. Loaded when telemetry starts it. */
export function autoInstrumentation(): StartInstrumentation {
  return (parts) => load<AnyProcess>('any-process').autoInstrumentation()(parts);
}

/**
 * CLIENT spans of `fetch` and undici: by OpenTelemetry's `UndiciInstrumentation`, with TRACE_LEAN from undici's channels. Loaded
 * when telemetry starts it.
 */
export function undici(): StartInstrumentation {
  return ({ settings }) =>
    settings.lean
      ? load<AnyProcess>('any-process').undiciChannels()()
      : load<typeof import('./service/undici.ts')>('undici').undici()();
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
  const instrumentations = [fastify(), undici(), pino()];
  return withParentVariables(() =>
    startTelemetry({ instrumentations, ...options, settings: readSettings(process.env, options) }),
  );
}
