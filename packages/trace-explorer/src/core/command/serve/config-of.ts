import type { Config } from '../../config.ts';
import { readConfig } from '../../config.ts';
import { dataFolder } from './data-folder.ts';
import { VARIABLES } from './options.ts';

/**
 * The settings that flags and environment ask for. Without DATA_DIR, data is in the platform's own folder for it
 * (env-paths); without LOG_LEVEL, only warnings are logged; without EXPLORER_SERVICES, no service is asked for metrics.
 *
 * @throws ConfigError naming the variable
 */
export function configOf(
  values: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = process.env,
): Config {
  const given = Object.entries(VARIABLES).flatMap(([flag, variable]) =>
    typeof values[flag] === 'string' ? [[variable, values[flag]]] : [],
  );
  const variables: Record<string, string | undefined> = { ...env, ...Object.fromEntries(given) };
  variables.DATA_DIR ||= dataFolder();
  variables.LOG_LEVEL ||= 'warn';
  const config = readConfig(variables);
  return variables.EXPLORER_SERVICES ? config : { ...config, services: [] };
}
