import { parseEnv } from 'node:util';
import type { HoneycombKey } from '@tandem/telemetry/honeycomb';
import { describeHidden } from '@tandem/telemetry/workspace/env-file';
import { nearestName } from '../../../packages/trace-explorer/src/core/conventions/nearest-name.ts';

const KEY = 'HONEYCOMB_API_KEY';

/**
 * The mistake of a key in the OTLP headers without an endpoint: spans go to the default place with the key, and not to
 * Honeycomb. Undefined for every other key.
 */
export function describeMisplacedKey({ apiKey, endpoint, variable }: HoneycombKey): string | undefined {
  if (variable === undefined || variable === KEY || isEmpty(apiKey) || endpoint !== undefined)
    return undefined;
  return `x-honeycomb-team in ${variable} goes to the explorer, not to Honeycomb, because no OTEL_EXPORTER_OTLP_ENDPOINT says otherwise: put the key into ${KEY} instead.`;
}

/**
 * One sentence: where the key came from, or where it should be and what is there instead.
 *
 * @param env the process's environment, into which `.env` was loaded: a variable of the shell, even an empty one, hides
 *   the file's
 * @param envFile the text of .env, or undefined when there is no such file
 */
export function describeKeySource(key: HoneycombKey, env: NodeJS.Dict<string>, envFile = ''): string {
  if (key.variable !== undefined && key.variable !== KEY)
    return isEmpty(key.apiKey)
      ? `${key.variable} has x-honeycomb-team with nothing behind its =: was the variable in it unset?`
      : `The key came from x-honeycomb-team in ${key.variable}.`;
  const value = env[KEY];
  const inFile = parseEnv(envFile)[KEY];
  const isHidden = !isEmpty(inFile) && value !== inFile;
  if (isEmpty(value))
    return isHidden
      ? `${KEY} is empty in the environment, which hides the value in .env: unset ${KEY}.`
      : (describeHiddenKey(KEY, envFile) ??
          `${KEY} ${instead(env, envFile) || 'has no value, neither in the environment nor in .env.'}`);
  if (value === inFile) return `${KEY} came from .env.`;
  return `${KEY} came from the environment${isHidden ? ', which hides another value in .env' : ''}.`;
}

/** One sentence about a key that an empty line below it hides, as the one of a template does; undefined for none. */
export function describeHiddenKey(variable: string, envFile = ''): string | undefined {
  const hidden = describeHidden(variable, envFile);
  return hidden && `${variable} ${hidden.what}: ${hidden.fix}.`;
}

/** What there is that was meant as the key, as the rest of a sentence; without its value. */
function instead(env: NodeJS.Dict<string>, file: string): string {
  if (new RegExp(`^[ \\t]*#\\s*(?:export\\s+)?${KEY}[ \\t]*=[ \\t]*[^\\s#]`, 'm').test(file))
    return 'is commented out in .env: remove the # before it.';
  if (new RegExp(`^[ \\t]*(?:export\\s+)?${KEY}(?:[ \\t]*[^\\s\\w=]|[ \\t]+[^\\s=])`, 'm').test(file))
    return 'has no = behind it in .env: write NAME=value.';
  const inFile = parseEnv(file);
  const all = { ...inFile, ...env };
  const other = Object.keys(all).find((name) => !isEmpty(all[name]) && isMeantAsKey(name)) ?? '';
  const place = other in inFile ? '.env' : 'the environment';
  return other && `has no value, but ${place} has ${other}, which is not read: rename it to ${KEY}.`;
}

/** HONEYCOMB_WRITEKEY of Honeycomb's older libraries, HONEYCOMB_INGEST_KEY, a misspelt name … */
export function isMeantAsKey(name: string): boolean {
  const isOther = /^HONEYCOMB_\w*(?:KEY|TOKEN|SECRET)$/i.test(name);
  return isOther || nearestName(name, [KEY]) !== undefined;
}

function isEmpty(value: string | undefined): boolean {
  return value === undefined || value.trim() === '';
}
