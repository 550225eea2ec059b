import Type from 'typebox';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import type { PartSettings } from '../../../core/config.ts';
import { isLoopbackHost } from '../../../core/shared/loopback.ts';

/** Where an engine answers over HTTP, and which tables to read. */
export interface Address {
  readonly url: string;
  readonly database: string;
  /** Undefined: the Collector's own name, or a Distributed table over it. */
  readonly traces?: string | undefined;
  readonly logs?: string | undefined;
  /** With user and password. */
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that no message may have. */
  readonly secrets: readonly string[];
  /** Whether they go to another machine without TLS. */
  readonly isOpen: boolean;
}

/** The variables with what the address must not have. */
export const engineSettings: PartSettings = {
  schemas: {
    CLICKHOUSE_USER: Type.Optional(
      Type.String({ description: 'the user of `trace-explorer pull`, who may SELECT from the tables' }),
    ),
    CLICKHOUSE_PASSWORD: Type.Optional(Type.String({ description: 'that user’s password', writeOnly: true })),
    CLICKHOUSE_HEADERS: Type.Optional(
      Type.String({
        description:
          'headers of `trace-explorer pull` as name=value, separated by commas, values percent-encoded',
        writeOnly: true,
      }),
    ),
  },
  read: () => ({}),
};

const FORM = 'Write clickhouse+https://host:8443/otel, or clickhouse+http:// for plain HTTP';

/** Reads an address and the variables that belong to it. @throws CliError, which repeats neither */
export function readAddress(given: string, env: NodeJS.ProcessEnv): Address {
  if (given.startsWith('clickhouse://'))
    throw new CliError(`clickhouse:// means the native port. pull asks over HTTP. ${FORM}.`);
  const [, rest = ''] = /^clickhouse\+(https?:\/\/.+)$/su.exec(given) ?? [];
  const url = URL.parse(rest);
  const [, database, ...more] = url?.pathname.replace(/\/$/u, '').split('/') ?? [];
  if (url === null || more.length > 0)
    throw new CliError(`pull needs the address of an engine and its database. ${FORM}.`);
  if (url.username !== '' || url.password !== '')
    throw new CliError(
      'The address has a user or a password. Leave them out, and set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.',
    );
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'traces' && key !== 'logs');
  if (unknown !== undefined)
    throw new CliError('The address takes ?traces=TABLE&logs=TABLE and no other parameter.');
  const { CLICKHOUSE_USER: user = '', CLICKHOUSE_PASSWORD: password = '' } = env;
  if (/[\r\n\0]/u.test(user + password))
    throw new CliError(
      'CLICKHOUSE_USER or CLICKHOUSE_PASSWORD has a line break, which no header can have. Leave it out.',
    );
  const headers = {
    ...(user !== '' && { 'x-clickhouse-user': inBytes(user) }),
    ...(password !== '' && { 'x-clickhouse-key': inBytes(password) }),
    ...headersOf(env.CLICKHOUSE_HEADERS ?? ''),
  };
  const secrets = [user, password, ...Object.values(headers)].filter((text) => text !== '');
  return {
    url: `${url.origin}/`,
    database: decodeURIComponent(database || 'default'),
    traces: url.searchParams.get('traces') ?? undefined,
    logs: url.searchParams.get('logs') ?? undefined,
    headers,
    secrets,
    isOpen: secrets.length > 0 && url.protocol === 'http:' && !isLoopbackHost(url.hostname),
  };
}

/** A header has a character per byte. */
function inBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** @throws CliError, which does not repeat the value */
function headersOf(list: string): Record<string, string> {
  try {
    const headers = new Headers();
    for (const pair of list.split(',').filter((each) => each.trim() !== '')) {
      const [name = '', ...value] = pair.split('=');
      headers.set(name.trim(), decodeURIComponent(value.join('=').trim()));
    }
    return Object.fromEntries(headers);
  } catch {
    throw new CliError('CLICKHOUSE_HEADERS takes name=value, separated by commas, values percent-encoded.');
  }
}
