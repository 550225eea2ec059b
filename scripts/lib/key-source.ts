import { parseEnv } from 'node:util';
import type { HoneycombKey } from '@tandem/telemetry/honeycomb';
import type { StrayEnvFile } from './stray-env-files.ts';

const KEY = 'HONEYCOMB_API_KEY';

/**
 * What is wrong with a key in the OTLP headers without an endpoint: spans go to the default place with the key, and not to
 * Honeycomb. Undefined for every other key.
 */
export function describeMisplacedKey({ apiKey, endpoint, variable }: HoneycombKey): string | undefined {
  if (variable === undefined || variable === KEY || isEmpty(apiKey) || endpoint !== undefined)
    return undefined;
  return `x-honeycomb-team in ${variable} is sent to the explorer, not to Honeycomb, because no OTEL_EXPORTER_OTLP_ENDPOINT says otherwise: put the key into ${KEY} instead.`;
}

/**
 * One sentence: where the key came from, or where it should be and what is there instead.
 *
 * @param env the process's environment, into which `node --env-file` has already merged the file: a variable of
 *   the environment, even an empty one, hides the file's
 * @param envFile the text of .env, or undefined when there is no such file
 * @param strays files that look like .env and are not read
 */
export function describeKeySource(
  key: HoneycombKey,
  env: Readonly<Record<string, string | undefined>>,
  envFile: string | undefined,
  strays: readonly StrayEnvFile[] = [],
): string {
  if (key.variable === undefined || key.variable === KEY) {
    const elsewhere = strays.find(({ names }) => names.includes(KEY));
    return isEmpty(env[KEY]) && elsewhere !== undefined
      ? `${describeVariable(env[KEY], envFile)} It is in ${elsewhere.file}, which nothing reads: move the line to .env at the root.`
      : describeVariable(env[KEY], envFile);
  }
  return isEmpty(key.apiKey)
    ? `${key.variable} has x-honeycomb-team with nothing behind its =: was the variable in it unset?`
    : `The key came from x-honeycomb-team in ${key.variable}.`;
}

function describeVariable(value: string | undefined, envFile: string | undefined): string {
  const inFile = envFile === undefined ? undefined : parseEnv(envFile)[KEY];
  if (value !== undefined && value !== inFile) {
    if (!isEmpty(value)) {
      return inFile === undefined
        ? `${KEY} came from the environment.`
        : `${KEY} came from the environment, which hides another value in .env.`;
    }
    return isEmpty(inFile)
      ? `${KEY} is set in the environment, but empty.`
      : `${KEY} is set in the environment, but empty, which hides the value in .env: unset ${KEY}.`;
  }
  if (!isEmpty(value)) return `${KEY} came from .env.`;
  if (envFile === undefined)
    return `${KEY} is not in the environment, and there is no .env here: cp .env.example .env.`;
  if (inFile !== undefined) return `${KEY} is in .env, but there is nothing behind its =.`;
  return new RegExp(`^\\s*#.*\\b${KEY}\\s*=`, 'm').test(envFile)
    ? `${KEY} is commented out in .env: remove the # before it.`
    : `${KEY} is neither in the environment nor in .env.`;
}

function isEmpty(value: string | undefined): boolean {
  return value === undefined || value.trim() === '';
}
