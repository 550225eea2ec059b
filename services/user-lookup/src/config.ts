import { join } from 'node:path';
import type { DatabaseLocation, Environment, ProcessSettings } from '@tandem/service-kit';
import { commonSettings, dataDirectory, portSetting, readEnvironment } from '@tandem/service-kit';

export interface Config extends ProcessSettings {
  readonly database: DatabaseLocation;
  /** Whether requests may ask for faults. */
  readonly faultInjection: boolean;
  /** Requests a minute and client. */
  readonly rateLimitMax: number;
}

/** The callers are other services, and each of them stands for many people. */
const PEOPLE_PER_CALLER = 100;

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws {ConfigError} naming the variable
 */
export function readConfig(env: Environment = process.env): Config {
  const settings = readEnvironment({ ...commonSettings, PORT: portSetting(4568) }, env);
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    rateLimitMax: settings.RATE_LIMIT_MAX * PEOPLE_PER_CALLER,
    faultInjection: settings.FAULT_INJECTION,
    rollbarAccessToken: settings.ROLLBAR_ACCESS_TOKEN,
    database:
      settings.DATABASE_URL === undefined
        ? { file: join(dataDirectory(settings.DATA_DIR), 'user-lookup.sqlite') }
        : { url: settings.DATABASE_URL },
  });
}
