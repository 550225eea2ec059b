import { parseEnv } from 'node:util';
import type { HoneycombKey } from '@tandem/telemetry/honeycomb';

const KEY = 'HONEYCOMB_API_KEY';

/**
 * One sentence: where the key was found, or where it was looked for and what was found there instead.
 *
 * @param env the process's environment, into which `node --env-file` has already merged the file: a variable of
 *   the environment, even an empty one, hides the file's
 * @param envFile the text of .env, or undefined when there is no such file
 */
export function describeKeySource(
  key: HoneycombKey,
  env: Readonly<Record<string, string | undefined>>,
  envFile: string | undefined,
): string {
  if (key.variable === undefined || key.variable === KEY) return describeVariable(env[KEY], envFile);
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
