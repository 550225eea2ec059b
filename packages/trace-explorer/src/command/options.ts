import { resolve } from 'node:path';
import envPaths from 'env-paths';
import type { Config } from '../config.ts';
import { readConfig } from '../config.ts';

/** Flags of the command, with the variable that each is another word for. A flag wins over its variable. */
const VARIABLES = {
  port: 'PORT',
  'otlp-port': 'OTLP_PORT',
  'grpc-port': 'OTLP_GRPC_PORT',
  'data-dir': 'DATA_DIR',
  'max-bytes': 'EXPLORER_MAX_BYTES',
  queries: 'EXPLORER_QUERIES',
  host: 'HOST',
} as const;

const FLAGS = new Map<string, string>(Object.entries(VARIABLES).map(([flag, variable]) => [variable, flag]));

/** Options that decide where the explorer's store is and how it is reached. */
export const CONFIG_OPTIONS = {
  port: { type: 'string' },
  'otlp-port': { type: 'string' },
  'grpc-port': { type: 'string' },
  'data-dir': { type: 'string' },
  'max-bytes': { type: 'string' },
  queries: { type: 'string' },
  host: { type: 'string' },
} as const;

/**
 * The settings that flags and environment ask for. Without DATA_DIR, data is in the platform's own folder for it
 * (env-paths); without LOG_LEVEL, only warnings are logged; without EXPLORER_SERVICES, no service is asked for metrics.
 *
 * @throws ConfigError naming the variable; see `inFlags`
 */
export function configOf(
  values: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = process.env,
): Config {
  const given = Object.entries(VARIABLES).flatMap(([flag, variable]) =>
    typeof values[flag] === 'string' ? [[variable, values[flag]]] : [],
  );
  const variables: Record<string, string | undefined> = { ...env, ...Object.fromEntries(given) };
  variables.DATA_DIR = resolve(variables.DATA_DIR || envPaths('tandem-trace-explorer', { suffix: '' }).data);
  // Relative to where the command was typed, not to where it is installed.
  if (variables.EXPLORER_QUERIES) variables.EXPLORER_QUERIES = resolve(variables.EXPLORER_QUERIES);
  variables.LOG_LEVEL ||= 'warn';
  const config = readConfig(variables);
  return variables.EXPLORER_SERVICES ? config : { ...config, services: [] };
}

/** A message about variables, for who types flags: `--port` for PORT, unless PORT itself was given. */
export function inFlags(message: string, env: NodeJS.ProcessEnv = process.env): string {
  return message.replace(/\b[A-Z][A-Z_]*[A-Z]\b/g, (word) => {
    const flag = FLAGS.get(word);
    return flag === undefined || env[word] ? word : `--${flag}`;
  });
}
