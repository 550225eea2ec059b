import { foreignSetting } from '@tandem/service-kit/http';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import type { PartSettings } from '../../../core/config.ts';
import { readHeaders } from '../../../lib/node/header-list.ts';
import { isLoopbackHost } from '../../../lib/text/loopback.ts';

/** Where an engine answers over HTTP, and which tables to read. */
export interface Address {
  readonly url: string;
  readonly database: string;
  /** Null: the Collector's own name, or a Distributed table over it. */
  readonly traces: string | null;
  readonly logs: string | null;
  /** With user and password. */
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that no message may have. */
  readonly secrets: readonly string[];
  /** The variables that go to another machine as plain text. */
  readonly open: readonly string[];
}

/** The variables with what the address must not have. */
export const engineSettings: PartSettings = {
  variables: {
    CLICKHOUSE_USER: foreignSetting('the user of `trace-explorer pull`', 'may SELECT from the tables'),
    CLICKHOUSE_PASSWORD: foreignSetting('that user’s password', 'goes with the user'),
    CLICKHOUSE_HEADERS: foreignSetting(
      'headers as name=value, separated by commas, values percent-encoded',
      'of `trace-explorer pull`',
    ),
  },
  read: () => ({}),
};

const FORM = 'Write clickhouse+https://host:8443/otel, or clickhouse+http:// for plain HTTP';

/** Reads an address and the variables that belong to it. @throws CliError, ConfigError, which repeat neither */
export function readAddress(given: string, env: NodeJS.ProcessEnv): Address {
  if (given.startsWith('clickhouse://'))
    throw new CliError(`clickhouse:// means the native port. pull asks over HTTP. ${FORM}.`);
  const url = URL.parse(/^clickhouse\+(https?:\/\/.+)$/su.exec(given)?.[1] ?? '');
  const [, database, ...below] = url?.pathname.replace(/\/$/u, '').split('/') ?? [];
  if (url === null || below.length > 0)
    throw new CliError(`pull needs the address of an engine and its database. ${FORM}.`);
  if (url.username !== '' || url.password !== '')
    throw new CliError(
      'The address has a user or a password. Leave them out, and set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.',
    );
  const { searchParams } = url;
  if ([...searchParams.keys()].some((key) => key !== 'traces' && key !== 'logs'))
    throw new CliError('The address takes ?traces=TABLE&logs=TABLE and no other parameter.');
  const {
    CLICKHOUSE_USER: user = '',
    CLICKHOUSE_PASSWORD: password = '',
    CLICKHOUSE_HEADERS: more = '',
  } = env;
  if (/[\r\n\0]/u.test(user + password))
    throw new CliError(
      'CLICKHOUSE_USER or CLICKHOUSE_PASSWORD has a line break, which no header can have. Leave it out.',
    );
  const headers = {
    ...(user !== '' && { 'x-clickhouse-user': inBytes(user) }),
    ...(password !== '' && { 'x-clickhouse-key': inBytes(password) }),
    ...readHeaders('CLICKHOUSE_HEADERS', more),
  };
  const variables = { CLICKHOUSE_USER: user, CLICKHOUSE_PASSWORD: password, CLICKHOUSE_HEADERS: more };
  const sent = Object.entries(variables).flatMap(([name, value]) => (value === '' ? [] : [name]));
  return {
    url: `${url.origin}/`,
    database: decoded(database || 'default'),
    traces: searchParams.get('traces'),
    logs: searchParams.get('logs'),
    headers,
    secrets: [user, password, ...Object.values(headers)].filter((text) => text !== ''),
    open: url.protocol === 'http:' && !isLoopbackHost(url.hostname) ? sent : [],
  };
}

/** What the engine or Node says, without the user, the password and the headers. */
export function withoutSecrets(said: string, secrets: Address['secrets']): string {
  return secrets.reduce((rest, each) => rest.replaceAll(each, 'REDACTED'), said);
}

/** @throws CliError */
function decoded(database: string): string {
  try {
    return decodeURIComponent(database);
  } catch {
    throw new CliError('The database’s name in the address is not percent-encoded. Write a % in it as %25.');
  }
}

/** A header has a character per byte. */
function inBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
