import { parseHoneycombKey } from '@tandem/telemetry/honeycomb';
import { describeHiddenKey } from './key-source.ts';

const VARIABLE = 'HONEYCOMB_CONFIGURATION_KEY';

/** The permissions that the key needs, by their names on Honeycomb's page. */
export const PERMISSIONS =
  'Manage Public Boards, Manage Queries and Columns, Manage Triggers, Manage Markers';

const HOW = [
  `Make a configuration key in Honeycomb: Environment settings, API keys, Configuration. It needs ${PERMISSIONS}.`,
  `Put it into .env as ${VARIABLE}=<your key>; spans go on with the ingest key in HONEYCOMB_API_KEY.`,
].join('\n');

/**
 * The key that may change an environment: HONEYCOMB_CONFIGURATION_KEY, else a HONEYCOMB_API_KEY of that form.
 * @param envFile the text of .env
 * @throws Error that names the wrong kind of key and how to make the right one; never with the key
 */
export function configurationKey(env: NodeJS.Dict<string>, envFile?: string): string {
  const variable = env[VARIABLE]?.trim() ? VARIABLE : 'HONEYCOMB_API_KEY';
  const given = env[variable]?.trim() ?? '';
  const key = parseHoneycombKey(given);
  const form = key.kind === 'key' ? key.form : undefined;
  if (form === 'environment-configuration' || (form === 'unknown' && variable === VARIABLE)) return given;
  const hidden = [VARIABLE, 'HONEYCOMB_API_KEY'].map((name) =>
    env[name]?.trim() ? undefined : describeHiddenKey(name, envFile),
  );
  for (const sentence of hidden)
    if (sentence !== undefined) throw new Error(`This needs a configuration key. ${sentence}`);
  throw new Error(`This needs a configuration key, and ${variable} ${describe(form, given.length)}.\n${HOW}`);
}

function describe(form: string | undefined, length: number): string {
  if (length === 0) return 'is not set';
  if (form === 'environment-ingest') return 'is an ingest key, which can only send';
  if (form?.startsWith('classic')) return 'is a classic key, which has no environment';
  return `is not a configuration key (${length} characters; expected 22 letters and digits)`;
}
