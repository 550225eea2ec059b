import type { Environment } from '@tandem/service-kit';
import {
  commonSettings,
  originSetting,
  parseSettings,
  portSetting,
  rateLimitSetting,
} from '@tandem/service-kit';
import manifest from '../package.json' with { type: 'json' };

/** The variables that the service reads. */
export const settings = {
  ...commonSettings,
  PORT: portSetting(manifest.config.port),
  RATE_LIMIT_MAX: rateLimitSetting(600, 'client'),
  USER_LOOKUP_URL: originSetting('http://localhost:4568', 'where user-lookup listens'),
};

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment = process.env) {
  return parseSettings(settings, env);
}

export type Config = ReturnType<typeof readConfig>;
