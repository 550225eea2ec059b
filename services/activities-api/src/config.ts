import type { Environment } from '@tandem/service-kit';
import {
  commonSettings,
  flagSetting,
  originSetting,
  parseSettings,
  portSetting,
  rateLimitSetting,
  textSetting,
  tokenSetting,
} from '@tandem/service-kit';
import manifest from '../package.json' with { type: 'json' };

/** The variables that the service reads. */
export const settings = {
  ...commonSettings,
  PORT: portSetting(manifest.config.port),
  RATE_LIMIT_MAX: rateLimitSetting(600, 'client of activities-api'),
  PUBLIC_EDGE: flagSetting(false, 'strangers call; their context becomes a link, their baggage ends'),
  FRONTEND_URL: originSetting('http://localhost:3000', 'your frontend, which may call /api'),
  EXPLORER_URL: originSetting('http://localhost:4319', "the explorer's page, which may call /api"),
  BACKEND_URL: originSetting(
    'http://localhost:4567',
    'activities-api itself, whose documentation may call /api',
  ),
  CORS_ORIGINS: textSetting(
    '',
    'origins such as http://localhost:5173, separated by commas',
    /^https?:\/\/[^\s,/*]+(?: ?, ?https?:\/\/[^\s,/*]+)*$/,
    'other pages that may call /api',
  ),
  USER_LOOKUP_URL: originSetting('http://localhost:4568', 'user-lookup'),
  USER_LOOKUP_TOKEN: tokenSetting('activities-api sends it to user-lookup'),
};

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment = process.env) {
  return parseSettings(settings, env);
}

export type Config = ReturnType<typeof readConfig>;
