import type { DatabaseLocation, Environment, Reach } from '@tandem/service-kit';
import {
  commonSettings,
  databaseLocation,
  originSetting,
  portSetting,
  readEnvironment,
  readReach,
  tokenSetting,
} from '@tandem/service-kit';
import type { ProcessSettings } from '@tandem/service-kit/traced';

/** The callers are other services, and each of them stands for many people. */
const PEOPLE_PER_CALLER = 100;

export interface Config extends ProcessSettings {
  readonly database: DatabaseLocation;
  /** Whether requests may ask for faults. */
  readonly faultInjection: boolean;
  /** Whether SERVER spans say where their handler is written. */
  readonly codeLocations: boolean;
  /** Who reaches the service, and what of it. */
  readonly reach: Reach;
  /** The token that callers must have; none when left out. */
  readonly token?: string | undefined;
  /** Requests per minute and client. */
  readonly rateLimitMax: number;
  /** Requests under way past which others get 503. */
  readonly maxOpenRequests: number;
  /** Origin of the page on which its traces are looked at. */
  readonly pageUrl: string;
}

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment = process.env): Config {
  const settings = readEnvironment(
    {
      ...commonSettings,
      PORT: portSetting(4568),
      USER_LOOKUP_TOKEN: tokenSetting(),
      FRONTEND_URL: originSetting('http://localhost:3000'),
    },
    env,
  );
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    rateLimitMax: settings.RATE_LIMIT_MAX * PEOPLE_PER_CALLER,
    maxOpenRequests: settings.MAX_OPEN_REQUESTS,
    reach: readReach(settings),
    token: settings.USER_LOOKUP_TOKEN,
    faultInjection: settings.FAULT_INJECTION,
    codeLocations: settings.CODE_LOCATIONS,
    pageUrl: settings.FRONTEND_URL,
    rollbarAccessToken: settings.ROLLBAR_ACCESS_TOKEN,
    database: databaseLocation(settings, 'user-lookup'),
  });
}
