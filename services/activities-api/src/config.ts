import type { Environment } from '@tandem/service-kit';
import {
  commonSettings,
  originSetting,
  portSetting,
  rateLimitSetting,
  readSettings,
  tokenSetting,
} from '@tandem/service-kit';
import Type from 'typebox';

const settings = {
  ...commonSettings,
  PORT: portSetting(4567),
  RATE_LIMIT_MAX: rateLimitSetting(600),
  PUBLIC_EDGE: Type.Boolean({ default: false, description: 'true or false' }),
  FRONTEND_URL: originSetting('http://localhost:3000'),
  BACKEND_URL: originSetting('http://localhost:4567'),
  USER_LOOKUP_URL: originSetting('http://localhost:4568'),
  USER_LOOKUP_TOKEN: tokenSetting(),
};

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment = process.env) {
  return readSettings(settings, env);
}
