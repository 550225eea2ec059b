import { join } from 'node:path';
import type { DatabaseLocation, Environment, ProcessSettings } from '@tandem/service-kit';
import {
  commonSettings,
  dataDirectory,
  originSetting,
  portSetting,
  readEnvironment,
} from '@tandem/service-kit';

export interface Config extends ProcessSettings {
  readonly database: DatabaseLocation;
  /** Whether requests may ask for faults. */
  readonly faultInjection: boolean;
  /** Requests a minute and client. */
  readonly rateLimitMax: number;
  /** Origins whose pages may call the API. */
  readonly corsOrigins: readonly string[];
  readonly userLookupUrl: string;
}

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws {ConfigError} naming the variable
 */
export function readConfig(env: Environment = process.env): Config {
  const settings = readEnvironment(
    {
      ...commonSettings,
      PORT: portSetting(4567),
      FRONTEND_URL: originSetting('http://localhost:3000'),
      BACKEND_URL: originSetting('http://localhost:4567'),
      USER_LOOKUP_URL: originSetting('http://localhost:4568'),
    },
    env,
  );
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    rateLimitMax: settings.RATE_LIMIT_MAX,
    faultInjection: settings.FAULT_INJECTION,
    rollbarAccessToken: settings.ROLLBAR_ACCESS_TOKEN,
    corsOrigins: [settings.FRONTEND_URL, settings.BACKEND_URL],
    userLookupUrl: settings.USER_LOOKUP_URL,
    database:
      settings.DATABASE_URL === undefined
        ? { file: join(dataDirectory(settings.DATA_DIR), 'activities-api.sqlite') }
        : { url: settings.DATABASE_URL },
  });
}
