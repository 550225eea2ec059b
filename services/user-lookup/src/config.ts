import type { Environment } from '@tandem/service-kit';
import { commonSettings, portSetting, readSettings, tokenSetting } from '@tandem/service-kit';

/** Schemas of the variables that the service reads. */
export const settings = {
  ...commonSettings,
  PORT: portSetting(4568),
  USER_LOOKUP_TOKEN: tokenSetting('callers send it as `authorization: Bearer …`'),
};

/**
 * Reads the service's settings; the only place that reads `process.env`.
 * @throws ConfigError naming the variable
 */
export function readConfig(env: Environment = process.env) {
  return readSettings(settings, env);
}
