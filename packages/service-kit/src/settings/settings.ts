import { isIP } from 'node:net';
import type { Variable } from '@tandem/telemetry/settings';
import { FLAG, oneOf, row, textThat, wholeNumber } from '@tandem/telemetry/settings';
import type { Environment, Values, VariableTable } from './environment.ts';
import { readEnvironment } from './environment.ts';

/** `true` or `false`. @param what what `true` does */
export function flagSetting<T extends boolean | undefined>(fallback: T, what: string): Variable<boolean | T> {
  return { ...FLAG, otherwise: fallback, does: what };
}

/** What a text is tested with. */
type Test = RegExp | ((text: string) => boolean);

/** A text of a form. @param form the form in words */
export function textSetting<T extends string | undefined>(
  fallback: T,
  form: string,
  isLegal: Test,
  what: string,
): Variable<string | T> {
  const kind = textThat(form, (text) => (isLegal instanceof RegExp ? isLegal.test(text) : isLegal(text)));
  return { ...kind, otherwise: fallback, does: what };
}

/** A text that no message shows. */
export function secretSetting(form: string, isLegal: Test, what: string): Variable<string | undefined> {
  return { ...textSetting(undefined, form, isLegal, what), isSecret: true };
}

/** Any text, which no message shows. What checks it is where it is used. */
export function foreignSetting(form: string, what: string): Variable<string | undefined> {
  return { ...secretSetting(form, () => true, what), mayBeQuoted: true };
}

/** An optional token. Without the token, callers need none. @param who the callers that must send the token */
export function tokenSetting(who: string): Variable<string | undefined> {
  return secretSetting(
    'a token of 16 characters or more (letters, digits, and . _ ~ + / -)',
    /^[A-Za-z0-9._~+/-]{16,256}=*$/,
    who,
  );
}

/** A TCP port. 0 lets the system choose one. @param what what listens there */
export function portSetting(fallback: number, what = 'where it listens'): Variable<number> {
  return row({ ...wholeNumber(0, 65535), type: 'a port from 0 to 65535' }, fallback, what);
}

/** An http(s) origin without a path, such as `http://localhost:3000`. */
export function originSetting(fallback: string, what: string): Variable<string> {
  const form = 'an origin such as http://localhost:3000, without a path';
  return textSetting(fallback, form, isOrigin, what);
}

function isOrigin(text: string): boolean {
  return /^https?:\/\/[A-Za-z0-9.\-[\]:]+\/?$/.test(text) && URL.canParse(text);
}

/** Variables that every process reads. */
export const processSettings = {
  HOST: textSetting('127.0.0.1', 'an address or host name', () => true, 'where it listens'),
  DATA_DIR: textSetting(
    '.data',
    'a folder',
    () => true,
    'for databases, waiting spans and the explorer’s store',
  ),
  LOG_LEVEL: row(
    oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    'the lowest level in the log',
  ),
};

/** A service's limit for one client. */
export function rateLimitSetting(fallback: number, client: string): Variable<number> {
  return row(wholeNumber(1, 1_000_000_000), fallback, `requests a minute per ${client}`);
}

/** Variables that every service reads. A service spreads them into its own. */
export const commonSettings = {
  ...processSettings,
  DATABASE_URL: secretSetting(
    'postgres://user:password@host:port/database',
    (text) => /^postgres(ql)?:\/\/[^\s/?#]+\/[^\s/?#]+/.test(text) && URL.canParse(text),
    'the database; unset: a SQLite file below DATA_DIR',
  ),
  DATABASE_POOL_SIZE: row(wholeNumber(1, 1000), 10, 'connections to PostgreSQL'),
  MAX_OPEN_REQUESTS: row(wholeNumber(1, 1_000_000), 100, 'requests under way at a time'), // one core answers 100 in a tenth of a second
  TRUST_PROXY: textSetting(
    undefined,
    'addresses or networks such as 10.0.0.5, 10.0.0.0/8 or loopback, separated by commas',
    isProxyList,
    'balancers in front, whose X-Forwarded-* count',
  ),
  ALLOWED_HOSTS: textSetting(
    undefined,
    'host names separated by commas, without ports',
    /^[A-Za-z0-9_.-]+( ?, ?[A-Za-z0-9_.-]+)*$/,
    'the service answers for them and localhost. With HOST=0.0.0.0 it checks names only with this',
  ),
  HEALTH_PORT: row(
    { ...wholeNumber(1, 65535), type: 'a port from 1 to 65535, for each service another one on one machine' },
    undefined,
    'a thread of its own answers /health/live, /health/ready and /metrics there, also under full load',
  ),
  EXPOSE_METRICS: flagSetting(undefined, '/metrics is on the port; unset: while HOST is this machine only'),
  EXPOSE_DOCUMENTATION: flagSetting(
    undefined,
    '/documentation is on the port; unset: while HOST is this machine only',
  ),
  FAULT_INJECTION: flagSetting(false, 'requests may ask for faults with tandem.fault'),
  ROLLBAR_ACCESS_TOKEN: secretSetting(
    'a Rollbar access token',
    /^[A-Za-z0-9]{16,128}$/,
    'Rollbar gets unhandled errors too',
  ),
};

/** Whether a text lists addresses, networks with a prefix of at least one bit, and Fastify's names of networks. */
function isProxyList(text: string): boolean {
  return text.split(/ ?, ?/).every((entry) => {
    const [address = '', bits = '1', ...more] = entry.split('/');
    const isLength = /^[1-9]\d*$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
    return (
      /^(loopback|linklocal|uniquelocal)$/.test(entry) || (isIP(address) !== 0 && isLength && !more.length)
    );
  });
}

/** `DATA_DIR` → `dataDir`. */
type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>;

/** Read settings, by their names in code. */
export type Settings<T extends VariableTable> = Readonly<{
  [N in keyof Values<T> as CamelCase<N & string>]: Values<T>[N];
}>;

/** The settings of every service. */
export type CommonSettings = Settings<typeof commonSettings>;

/**
 * Reads settings with `readEnvironment`, and gives each its name in code: `DATA_DIR` is `dataDir`.
 * @throws ConfigError naming the first malformed variable
 */
export function parseSettings<T extends VariableTable>(table: T, env: Environment): Settings<T> {
  const entries = Object.entries(readEnvironment(table, env)).map(([name, value]) => [
    name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}
