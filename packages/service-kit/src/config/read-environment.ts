import { envSchema } from 'env-schema';
import type { Static, TProperties } from 'typebox';
import Type from 'typebox';
import { ConfigError } from './config-error.ts';

/** Characters of a wrong value that a message repeats: enough to recognise it, and one line. */
const MAX_QUOTED = 80;

/** Where settings come from: `process.env`, or a test's own object. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses environment variables once into a frozen object with defaults filled in.
 * An empty string counts as unset, because compose files pass empty strings for variables that nobody set.
 *
 * @param settings one TypeBox schema per variable; its `description` says in words what is expected
 * @param env the environment; variables that `settings` does not name are ignored
 * @throws ConfigError naming the first variable that does not fit
 *
 * @example
 * const { PORT } = readEnvironment({ PORT: portSetting(4567) }, process.env);
 */
export function readEnvironment<T extends TProperties>(
  settings: T,
  env: Environment,
): Readonly<Static<Type.TObject<T>>> {
  const data: Record<string, string> = {};
  for (const name of Object.keys(settings)) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== '') data[name] = value;
  }
  const schema = { ...Type.Object(settings) };
  try {
    const parsed: unknown = envSchema({
      schema,
      data,
      env: false,
      ajv: { customOptions: (ajv) => ajv.addFormat('url', (text: string) => URL.canParse(text)) },
    });
    return Object.freeze(parsed as Static<Type.TObject<T>>);
  } catch (error) {
    throw explain(error, settings, data);
  }
}

function explain(error: unknown, settings: TProperties, data: Record<string, string>): unknown {
  const [first] =
    (error as { errors?: { instancePath: string; params: { missingProperty?: string } }[] }).errors ?? [];
  if (first === undefined) return error;
  const variable = first.params.missingProperty ?? first.instancePath.slice(1);
  const schema: { description?: string; writeOnly?: boolean } = settings[variable] ?? {};
  const given = data[variable];
  const was = given === undefined ? 'is not set' : schema.writeOnly ? 'is malformed' : `is ${quote(given)}`;
  return new ConfigError(variable, `${variable} ${was}; expected ${schema.description ?? 'another value'}.`);
}

/** Shows a wrong value without the credentials that a URL may carry, and without a key that somebody pasted there. */
function quote(value: string): string {
  const harmless = value
    .replace(/(^|\/\/)\S*@/g, '$1***@')
    .replace(/([?&][^=&\s]*=)[^&\s]+/g, '$1***')
    .replace(/\w{20,}/g, '***');
  return JSON.stringify(harmless.length > MAX_QUOTED ? `${harmless.slice(0, MAX_QUOTED)}…` : harmless);
}
