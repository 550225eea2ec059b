import { isIP } from 'node:net';
import { basename, dirname, resolve } from 'node:path';
import { envSchema } from 'env-schema';
import type { Static, TProperties } from 'typebox';
import Type from 'typebox';

/** Where settings come from: `process.env`, or a test's own object. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that is missing or malformed. The message is one line for a person: variable, what was given, what is expected. */
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
 * Parses environment variables once into a frozen object with defaults filled in.
 * An empty string counts as unset, because compose files pass empty strings for variables that nobody set.
 *
 * @param settings one TypeBox schema per variable; its `description` says in words what is expected
 * @param env the environment; variables that `settings` does not name are ignored
 * @throws ConfigError naming the first variable that does not fit
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

/** Addresses, networks of at least one bit, or names that Fastify knows for networks. */
function isProxyList(text: string): boolean {
  return text.split(/ ?, ?/).every((entry) => {
    const [address = '', bits = '1', ...more] = entry.split('/');
    const isLength = /^[1-9]\d*$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
    return (
      /^(loopback|linklocal|uniquelocal)$/.test(entry) || (isIP(address) !== 0 && isLength && !more.length)
    );
  });
}

/** Honeycomb's keys with a prefix, and what is as long as those without one, of letters and digits: no word is. */
const KEY_LIKE = /\bhc[a-z]{3}_\w+|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}/g;

/** A foreign text, such as a path, for a message: what looks like a key that somebody pasted there is `***`. */
export function withoutKeys(text: string): string {
  return text.replace(KEY_LIKE, '***');
}

/** Shows a wrong value without the credentials that a URL may carry, and without a key that somebody pasted there. */
function quote(value: string): string {
  const harmless = value.replace(/(^|\/\/)\S*@/g, '$1***@').replace(/([?&][^=&\s]*=)[^&\s]+/g, '$1***');
  return JSON.stringify(withoutKeys(harmless));
}

/** Why a process does not start: one line that names variables to look at; a stack only where the cause is unknown. */
export function explainStartFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = withoutKeys(error.message);
  if ('syscall' in error) return `${message}; see HOST, PORT and DATA_DIR.`;
  const { code = '' } = error as NodeJS.ErrnoException;
  return error instanceof ConfigError || code.startsWith('ERR_PARSE_ARGS')
    ? message
    : (error.stack ?? message);
}

/**
 * An absolute path. A relative one begins at the folder that has `services`: services start in folders of their own, and
 * share one data folder beside them. Anywhere else it begins at the working directory.
 */
export function fromBase(path: string, workingDirectory = process.cwd()): string {
  const isService = basename(dirname(workingDirectory)) === 'services';
  return resolve(isService ? dirname(dirname(workingDirectory)) : workingDirectory, path);
}

/** Schema of a token that is optional: where it is unset, nobody is asked for one. */
export function tokenSetting() {
  return Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._~+/-]{16,256}=*$',
      description: 'a token of 16 characters or more (letters, digits, and . _ ~ + / -)',
      writeOnly: true,
    }),
  );
}

/** Schema of a TCP port. 0 lets the system choose one. */
export function portSetting(fallback: number) {
  return Type.Integer({
    default: fallback,
    minimum: 0,
    maximum: 65535,
    description: 'a port from 0 to 65535',
  });
}

/** Schema of an http(s) origin without a path, such as `http://localhost:3000`. */
export function originSetting(fallback: string) {
  return Type.String({
    default: fallback,
    format: 'url',
    pattern: '^https?://[A-Za-z0-9.\\-\\[\\]:]+/?$',
    description: 'an origin such as http://localhost:3000, without a path',
  });
}

/** Schemas of variables that every process reads. */
export const processSettings = {
  HOST: Type.String({ default: '127.0.0.1', description: 'an address or host name to listen on' }),
  DATA_DIR: Type.String({ default: '.data', description: 'a directory for embedded databases' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'one of fatal, error, warn, info, debug, trace, silent',
  }),
};
