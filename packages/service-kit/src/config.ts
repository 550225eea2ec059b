import { isIP } from 'node:net';
import { basename, dirname, resolve } from 'node:path';
import { envSchema } from 'env-schema';
import type { Static, TProperties } from 'typebox';
import Type from 'typebox';

/** Where settings come from: `process.env`, or a test's own object. */
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
 * Parses environment variables once into a frozen object with defaults filled in.
 * An empty string counts as unset, because compose files pass empty strings for unset variables.
 *
 * @param settings one TypeBox schema per variable; its `description` names the expected value
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

/** Honeycomb's keys: with a prefix, or at least 20 letters and digits. No word has 20 characters and digits. */
const KEY_LIKE = /\bhc[a-z]{3}_\w+|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}/g;

/** Replaces texts that look like keys by `***`, for a message with a foreign text such as a path. */
export function withoutKeys(text: string): string {
  return text.replace(KEY_LIKE, '***');
}

/** Quotes a wrong value without credentials of a URL and without texts that look like keys. */
function quote(value: string): string {
  const harmless = value.replace(/(^|\/\/)\S*@/g, '$1***@').replace(/([?&][^=&\s]*=)[^&\s]+/g, '$1***');
  return JSON.stringify(withoutKeys(harmless));
}

/** Why a process does not start: one line that names the variables. An unknown error has its stack. */
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

/** Schema of an optional token: while it is unset, callers need no token. */
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

const HOST_NAME = '[A-Za-z0-9_.-]+';
const Flag = (fallback: boolean) => Type.Boolean({ default: fallback, description: 'true or false' });
const Count = (fallback: number, maximum: number, what: string) =>
  Type.Integer({
    default: fallback,
    minimum: 1,
    maximum,
    description: `${what}, a whole number from 1 to ${maximum}`,
  });

/** Schema of a service's limit for one client. */
export function rateLimitSetting(fallback: number) {
  return Count(fallback, 1_000_000_000, 'requests a minute per client');
}

/** Schemas of the variables that every service reads, by name; a service spreads them into its own. */
export const commonSettings = {
  ...processSettings,
  DATABASE_URL: Type.Optional(
    Type.String({
      format: 'url',
      pattern: '^postgres(ql)?://[^\\s/?#]+/[^\\s/?#]+',
      description: 'postgres://user:password@host:port/database',
      writeOnly: true,
    }),
  ),
  DATABASE_POOL_SIZE: Count(10, 1000, 'connections to PostgreSQL'),
  MAX_OPEN_REQUESTS: Count(100, 1_000_000, 'requests under way at a time'), // what one core answers in a tenth of a second
  TRUST_PROXY: Type.Optional(
    Type.String({
      format: 'proxies',
      description: 'addresses or networks such as 10.0.0.5, 10.0.0.0/8 or loopback, separated by commas',
    }),
  ),
  ALLOWED_HOSTS: Type.Optional(
    Type.String({
      pattern: `^${HOST_NAME}( ?, ?${HOST_NAME})*$`,
      description: 'host names separated by commas, without ports',
    }),
  ),
  EXPOSE_METRICS: Type.Optional(Type.Boolean({ description: 'true or false' })),
  EXPOSE_DOCUMENTATION: Type.Optional(Type.Boolean({ description: 'true or false' })),
  FAULT_INJECTION: Flag(false),
  CODE_LOCATIONS: Flag(false),
  ROLLBAR_ACCESS_TOKEN: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9]{16,128}$', description: 'a Rollbar access token', writeOnly: true }),
  ),
};

/** `DATA_DIR` → `dataDir`. */
type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>;

/** Settings by their names in code. */
export type Settings<T extends TProperties> = Readonly<{
  [K in keyof Static<Type.TObject<T>> as CamelCase<K & string>]: Static<Type.TObject<T>>[K];
}>;

/** The settings of every service, by the names in code. */
export type CommonSettings = Settings<typeof commonSettings>;

/**
 * Reads settings with `readEnvironment`, and gives each its name in code: `DATA_DIR` is `dataDir`.
 * @throws ConfigError naming the first variable that does not fit
 */
export function readSettings<T extends TProperties>(settings: T, env: Environment): Settings<T> {
  const entries = Object.entries(readEnvironment(settings, env)).map(([name, value]) => [
    name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}
