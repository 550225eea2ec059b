import { resolve } from 'node:path';
import Type from 'typebox';

/** The workspace's root: processes start in their own folders, but share one data directory. */
const WORKSPACE = resolve(import.meta.dirname, '../../../..');

/** Schema of host names in a list. */
const HOST_NAMES = Type.String({
  pattern: '^[A-Za-z0-9_.-]+( ?, ?[A-Za-z0-9_.-]+)*$',
  description: 'host names separated by commas, without ports',
});

/** Schemas of the variables that every service reads, by name; a service spreads them into its own. */
export const commonSettings = {
  HOST: Type.String({ default: '127.0.0.1', description: 'an address or host name to listen on' }),
  DATA_DIR: Type.String({ default: '.data', description: 'a directory for embedded databases' }),
  DATABASE_URL: Type.Optional(
    Type.String({
      format: 'url',
      pattern: '^postgres(ql)?://[^\\s/?#]+/[^\\s/?#]+',
      description: 'postgres://user:password@host:port/database',
      writeOnly: true,
    }),
  ),
  DATABASE_POOL_SIZE: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: 'connections to PostgreSQL, a whole number from 1 to 1000',
  }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'one of fatal, error, warn, info, debug, trace, silent',
  }),
  RATE_LIMIT_MAX: Type.Integer({
    default: 600,
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'requests a minute per client, a whole number from 1',
  }),
  MAX_OPEN_REQUESTS: Type.Integer({
    default: 512,
    minimum: 1,
    maximum: 1_000_000,
    description: 'requests under way at a time, a whole number from 1',
  }),
  TRUST_PROXY: Type.Optional(
    Type.String({ description: 'addresses or networks of balancers, separated by commas' }),
  ),
  ALLOWED_HOSTS: Type.Optional(HOST_NAMES),
  EXPOSE_METRICS: Type.Optional(Type.Boolean({ description: 'true or false' })),
  EXPOSE_DOCUMENTATION: Type.Optional(Type.Boolean({ description: 'true or false' })),
  FAULT_INJECTION: Type.Boolean({ default: false, description: 'true or false' }),
  CODE_LOCATIONS: Type.Boolean({ default: false, description: 'true or false' }),
  ROLLBAR_ACCESS_TOKEN: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9]{16,128}$', description: 'a Rollbar access token', writeOnly: true }),
  ),
};

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

/** Absolute path of DATA_DIR; a relative one is relative to the workspace, whichever folder a process starts in. */
export function dataDirectory(dataDir: string): string {
  return resolve(WORKSPACE, dataDir);
}
