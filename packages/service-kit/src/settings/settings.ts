import type { Static, TProperties } from 'typebox';
import Type from 'typebox';
import type { Environment } from './environment.ts';
import { readEnvironment } from './environment.ts';

/** Schema of an optional token. Without the token, callers need none. @param who the callers that must send the token */
export function tokenSetting(who: string) {
  return Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._~+/-]{16,256}=*$',
      description: `a token of 16 characters or more (letters, digits, and . _ ~ + / -); set: ${who}`,
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
export function originSetting(fallback: string, what: string) {
  return Type.String({
    default: fallback,
    format: 'url',
    pattern: '^https?://[A-Za-z0-9.\\-\\[\\]:]+/?$',
    description: `an origin such as http://localhost:3000, without a path: ${what}`,
  });
}

/** Schemas of variables that every process reads. */
export const processSettings = {
  HOST: Type.String({ default: '127.0.0.1', description: 'an address or host name to listen on' }),
  DATA_DIR: Type.String({
    default: '.data',
    description: 'a directory for databases, waiting spans and the explorer’s store',
  }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'one of fatal, error, warn, info, debug, trace, silent: the lowest level in the log',
  }),
};

const HOST_NAME = '[A-Za-z0-9_.-]+';
const Flag = (what: string, options = {}) =>
  Type.Boolean({ ...options, description: `true or false: ${what}` });
const Count = (fallback: number, maximum: number, what: string) =>
  Type.Integer({
    default: fallback,
    minimum: 1,
    maximum,
    description: `${what}, a whole number from 1 to ${maximum}`,
  });

/** Schema of a service's limit for one client. */
export function rateLimitSetting(fallback: number, client: string) {
  return Count(fallback, 1_000_000_000, `requests a minute per ${client}`);
}

/** Schemas of the variables that every service reads. A service spreads them into its own. */
export const commonSettings = {
  ...processSettings,
  DATABASE_URL: Type.Optional(
    Type.String({
      format: 'url',
      pattern: '^postgres(ql)?://[^\\s/?#]+/[^\\s/?#]+',
      description: 'postgres://user:password@host:port/database; unset: a SQLite file below DATA_DIR',
      writeOnly: true,
    }),
  ),
  DATABASE_POOL_SIZE: Count(10, 1000, 'connections to PostgreSQL'),
  MAX_OPEN_REQUESTS: Count(100, 1_000_000, 'requests under way at a time'), // one core answers 100 in a tenth of a second
  TRUST_PROXY: Type.Optional(
    Type.String({
      format: 'proxies',
      description:
        'addresses or networks such as 10.0.0.5, 10.0.0.0/8 or loopback, separated by commas: balancers in front, whose X-Forwarded-* count',
    }),
  ),
  ALLOWED_HOSTS: Type.Optional(
    Type.String({
      pattern: `^${HOST_NAME}( ?, ?${HOST_NAME})*$`,
      description:
        'host names separated by commas, without ports: the service answers for them and localhost. With HOST=0.0.0.0 it checks names only with this',
    }),
  ),
  HEALTH_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description:
        'a port from 1 to 65535, for each service another one on one machine: a thread of its own answers /health/live, /health/ready and /metrics there, also under full load',
    }),
  ),
  EXPOSE_METRICS: Type.Optional(Flag('/metrics is on the port; unset: while HOST is this machine only')),
  EXPOSE_DOCUMENTATION: Type.Optional(
    Flag('/documentation is on the port; unset: while HOST is this machine only'),
  ),
  FAULT_INJECTION: Flag('requests may ask for faults with tandem.fault', { default: false }),
  ROLLBAR_ACCESS_TOKEN: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9]{16,128}$',
      description: 'a Rollbar access token; set: Rollbar gets unhandled errors too',
      writeOnly: true,
    }),
  ),
};

/** `DATA_DIR` → `dataDir`. */
type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>;

/** Parsed settings, by their names in code. */
export type Settings<T extends TProperties> = Readonly<{
  [K in keyof Static<Type.TObject<T>> as CamelCase<K & string>]: Static<Type.TObject<T>>[K];
}>;

/** The parsed settings of every service. */
export type CommonSettings = Settings<typeof commonSettings>;

/**
 * Parses settings with `readEnvironment`, and gives each its name in code: `DATA_DIR` is `dataDir`.
 * @throws ConfigError naming the first malformed variable
 */
export function parseSettings<T extends TProperties>(settings: T, env: Environment): Settings<T> {
  const entries = Object.entries(readEnvironment(settings, env)).map(([name, value]) => [
    name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}
