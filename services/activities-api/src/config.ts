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
import Type from 'typebox';

export interface Config extends ProcessSettings {
  readonly database: DatabaseLocation;
  /** Whether requests may ask for faults. */
  readonly faultInjection: boolean;
  /** Whether SERVER spans say where their handler is written. */
  readonly codeLocations: boolean;
  /** Who reaches the service, and what of it. */
  readonly reach: Reach;
  /** Requests per minute and client. */
  readonly rateLimitMax: number;
  /** Requests under way past which others get 503. */
  readonly maxOpenRequests: number;
  /** Origin of the page on which its traces are looked at. */
  readonly pageUrl: string;
  /** Whether strangers can call: then their trace context is not followed. */
  readonly publicEdge: boolean;
  /** Origins whose pages may call the API. */
  readonly corsOrigins: readonly string[];
  /** Origin of user-lookup. */
  readonly userLookupUrl: string;
  /** The token that user-lookup asks for; none when left out. */
  readonly userLookupToken?: string | undefined;
}

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment = process.env): Config {
  const settings = readEnvironment(
    {
      ...commonSettings,
      PORT: portSetting(4567),
      PUBLIC_EDGE: Type.Boolean({ default: false, description: 'true or false' }),
      FRONTEND_URL: originSetting('http://localhost:3000'),
      BACKEND_URL: originSetting('http://localhost:4567'),
      USER_LOOKUP_URL: originSetting('http://localhost:4568'),
      USER_LOOKUP_TOKEN: tokenSetting(),
    },
    env,
  );
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    rateLimitMax: settings.RATE_LIMIT_MAX,
    maxOpenRequests: settings.MAX_OPEN_REQUESTS,
    reach: readReach(settings, [new URL(settings.BACKEND_URL).hostname]),
    faultInjection: settings.FAULT_INJECTION,
    codeLocations: settings.CODE_LOCATIONS,
    pageUrl: settings.FRONTEND_URL,
    publicEdge: settings.PUBLIC_EDGE,
    rollbarAccessToken: settings.ROLLBAR_ACCESS_TOKEN,
    corsOrigins: [settings.FRONTEND_URL, settings.BACKEND_URL],
    userLookupUrl: settings.USER_LOOKUP_URL,
    userLookupToken: settings.USER_LOOKUP_TOKEN,
    database: databaseLocation(settings, 'activities-api'),
  });
}
