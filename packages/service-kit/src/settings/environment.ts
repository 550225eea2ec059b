import { isIP } from 'node:net';
import { envSchema } from 'env-schema';
import type { Static, TProperties } from 'typebox';
import Type from 'typebox';

/** The source of settings: `process.env`, or a test's own object. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A missing or malformed setting. The message is one line: the variable, its value, and the expected value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** The environment variable at fault. */
  readonly variable: string;

  constructor(variable: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.variable = variable;
  }
}

/**
 * Parses environment variables into a frozen object, with defaults filled in.
 * An empty string counts as unset, because compose files pass empty strings for unset variables.
 *
 * @param settings one TypeBox schema per variable. Its `description` says which value is expected and what the value does;
 *   docs/reference/settings.md has the same text
 * @param env the environment; variables that `settings` does not name are ignored
 * @throws ConfigError naming the first malformed variable
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
      ajv: { customOptions: (ajv) => ajv.addFormat('url', URL.canParse).addFormat('proxies', isProxyList) },
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

/** True for a list of addresses, networks with a prefix of at least one bit, and Fastify's names of networks. */
function isProxyList(text: string): boolean {
  return text.split(/ ?, ?/).every((entry) => {
    const [address = '', bits = '1', ...more] = entry.split('/');
    const isLength = /^[1-9]\d*$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
    return (
      /^(loopback|linklocal|uniquelocal)$/.test(entry) || (isIP(address) !== 0 && isLength && !more.length)
    );
  });
}

/** Texts like Honeycomb's keys: with a prefix, or at least 20 letters and digits mixed, unlike any word. */
const KEY_LIKE = /\bhc[a-z]{3}_\w+|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}/g;

/** Replaces texts that look like keys by `***`. For messages with a foreign text, such as a path. */
export function withoutKeys(text: string): string {
  return text.replace(KEY_LIKE, '***');
}

/** Quotes a wrong value without a URL's credentials and without texts that look like keys. */
function quote(value: string): string {
  const harmless = value
    .replace(/(?<!\S)\S*@/g, (word, at) => (at === 0 ? '***@' : word.replace(/\/\/.*/s, '//***@')))
    .replace(/([?&][^=&?\s]*=)[^&\s]+/g, '$1***');
  return JSON.stringify(withoutKeys(harmless));
}

/** Says why a process does not start, in one line that names the variables. An unknown error keeps its stack. */
export function explainStartFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = withoutKeys(error.message);
  if ('syscall' in error) return `${message}; see HOST, PORT and DATA_DIR.`;
  const { code = '' } = error as NodeJS.ErrnoException;
  return error instanceof ConfigError || code.startsWith('ERR_PARSE_ARGS')
    ? message
    : (error.stack ?? message);
}
