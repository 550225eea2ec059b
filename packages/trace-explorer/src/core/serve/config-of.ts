import { isLoopbackHost } from '../../lib/text/loopback.ts';
import { dataFolder } from '../command/default-data-folder.ts';
import type { Config, PartSettings } from '../config.ts';
import { readConfig } from '../config.ts';
import type { NodePart } from '../door/node.ts';
import { VARIABLES } from './options.ts';

/**
 * The settings that flags and environment ask for. Without DATA_DIR, data is in the platform's own folder for it
 * (env-paths); without PORT, the page has the port of EXPLORER_URL, where commands ask for it; without LOG_LEVEL, only warnings are logged; without EXPLORER_SERVICES, no service is asked for metrics.
 *
 * @throws ConfigError naming the variable
 */
export async function configOf(
  parts: readonly NodePart[],
  values: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Config> {
  const given = Object.entries(VARIABLES).flatMap(([flag, variable]) =>
    typeof values[flag] === 'string' ? [[variable, values[flag]]] : [],
  );
  const variables: Record<string, string | undefined> = { ...env, ...Object.fromEntries(given) };
  variables.PORT ||= ownPortOf(variables.EXPLORER_URL);
  variables.DATA_DIR ||= dataFolder();
  variables.LOG_LEVEL ||= 'warn';
  const config = readConfig(variables, await settingsOf(parts));
  return variables.EXPLORER_SERVICES ? config : { ...config, services: [] };
}

/** The settings that parts add. */
export async function settingsOf(parts: readonly NodePart[]): Promise<readonly PartSettings[]> {
  const settings = await Promise.all(parts.map((each) => each.settings?.()));
  return settings.filter((each) => each !== undefined);
}

/** The port in an address of this machine. */
function ownPortOf(address = ''): string | undefined {
  const url = URL.parse(address);
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname) ? url.port || '80' : undefined;
}
