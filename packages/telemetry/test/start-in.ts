import type { Telemetry } from '../src/index.ts';
import { fastify, pino, readSettings } from '../src/index.ts';
import type { SettingsDefaults } from '../src/process/settings/index.ts';
import type { StartOptions } from '../src/process/start.ts';
import { startTelemetry } from '../src/process/start.ts';
import { undici } from '../src/service/undici.ts';

/** Options of a start, with the defaults of its settings. */
export type TestOptions = SettingsDefaults & Partial<Omit<StartOptions, 'settings'>>;

/** Starts telemetry with this environment as the variables of the process, which the SDK reads. */
export function startIn(environment: Readonly<Record<string, string>>, options: TestOptions = {}): Telemetry {
  const own = process.env;
  process.env = { PATH: own.PATH, ...environment };
  try {
    const instrumentations = [fastify(), undici(), pino()];
    return startTelemetry({ instrumentations, ...options, settings: readSettings(process.env, options) });
  } finally {
    process.env = own;
  }
}
