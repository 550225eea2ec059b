import type { Environment } from '@tandem/service-kit';
import {
  commonSettings,
  parseSettings,
  portSetting,
  rateLimitSetting,
  tokenSetting,
} from '@tandem/service-kit';
import manifest from '../package.json' with { type: 'json' };

/** The variables that the service reads. */
export const settings = {
  ...commonSettings,
  PORT: portSetting(manifest.config.port),
  // A client of user-lookup is a service, which asks for many people.
  USER_LOOKUP_RATE_LIMIT_MAX: rateLimitSetting(60_000, 'client of user-lookup, which is a service'),
  USER_LOOKUP_TOKEN: tokenSetting('callers send it as `authorization: Bearer …`'),
};

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment = process.env) {
  return parseSettings(settings, env);
}

export type Config = ReturnType<typeof readConfig>;
