import type { Static, TProperties } from 'typebox';
import Type from 'typebox';
import type { Environment } from './config.ts';
import { processSettings, readEnvironment } from './config.ts';

const HOST_NAME = '[A-Za-z0-9_.-]+';
const Flag = (fallback: boolean) => Type.Boolean({ default: fallback, description: 'true or false' });
const Count = (fallback: number, maximum: number, what: string) =>
  Type.Integer({
    default: fallback,
    minimum: 1,
    maximum,
    description: `${what}, a whole number from 1 to ${maximum}`,
  });

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
  RATE_LIMIT_MAX: Count(600, 1_000_000_000, 'requests a minute per client'),
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

/** `RATE_LIMIT_MAX` → `rateLimitMax`. */
type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>;

/** Settings by their names in code. */
export type Settings<T extends TProperties> = Readonly<{
  [K in keyof Static<Type.TObject<T>> as CamelCase<K & string>]: Static<Type.TObject<T>>[K];
}>;

/** What every service's environment sets, by the names in code. */
export type CommonSettings = Settings<typeof commonSettings>;

/**
 * Reads settings as `readEnvironment` does. Each is there by the name that its variable has in code, so that it is written
 * once: `RATE_LIMIT_MAX` is `rateLimitMax`.
 * @throws ConfigError naming the first variable that does not fit
 */
export function readSettings<T extends TProperties>(settings: T, env: Environment): Settings<T> {
  const entries = Object.entries(readEnvironment(settings, env)).map(([name, value]) => [
    name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}
