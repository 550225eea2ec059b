import { isClassicForm, parseHoneycombKey } from '@tandem/telemetry/honeycomb';
import { PERMISSIONS } from './client.ts';

const VARIABLE = 'HONEYCOMB_CONFIGURATION_KEY';
const HOW = [
  `Make a configuration key in Honeycomb: Environment settings, API keys, Configuration. It needs ${Object.values(PERMISSIONS).join(', ')}.`,
  `Put it into .env as ${VARIABLE}=<your key>; spans go on with the ingest key in HONEYCOMB_API_KEY.`,
].join('\n');

/**
 * The key that may change an environment: HONEYCOMB_CONFIGURATION_KEY, else a HONEYCOMB_API_KEY of that form.
 * @throws Error that says what is there instead and how to make a key; never with the key
 */
export function configurationKey(env: Readonly<Record<string, string | undefined>>): string {
  const given = env[VARIABLE]?.trim() ?? '';
  if (given === '') {
    const sending = env.HONEYCOMB_API_KEY ?? '';
    const key = parseHoneycombKey(sending);
    if (key.kind === 'key' && key.form === 'environment-configuration') return sending;
    const isIngest = key.kind === 'key' && key.form === 'environment-ingest';
    throw new Error(
      `This needs a configuration key, and ${VARIABLE} is not set${isIngest ? '. HONEYCOMB_API_KEY is an ingest key, which can only send' : ''}.\n${HOW}`,
    );
  }
  const key = parseHoneycombKey(given);
  if (key.kind === 'key' && isClassicForm(key.form))
    throw new Error(
      `${VARIABLE} is a classic key. Honeycomb Classic has no environments, and these queries ask all datasets of one.\n${HOW}`,
    );
  if (key.kind !== 'key' || key.form === 'environment-ingest') {
    const what = key.kind === 'key' ? 'is an ingest key, which can only send' : 'is no configuration key';
    throw new Error(
      `${VARIABLE} ${what} (${given.length} characters; 22 letters and digits are expected).\n${HOW}`,
    );
  }
  return given;
}
