import { resolve } from 'node:path';
import t from 'tap';
import { readConfig } from '../src/core/config.ts';
import { configOf } from '../src/core/serve/config-of.ts';
import { forwardSettings } from '../src/parts/forward/server/forward-settings.ts';

t.test('works without any variable, on this machine only', async (t) => {
  t.match(readConfig({}), {
    host: '127.0.0.1',
    port: 4319,
    otlpPort: 4318,
    otlpGrpcPort: 4317,
    apiUrl: undefined,
    storeDirectory: /\/\.data\/explorer$/,
    maxBytes: 1024 ** 3,
    maxAgeMs: 7 * 86_400_000,
    allowedHosts: ['explorer', 'host.docker.internal'],
  });
});

t.test('sizes and ages have units', async (t) => {
  const config = readConfig({
    EXPLORER_MAX_BYTES: '500MiB',
    EXPLORER_MAX_AGE: '12h',
    EXPLORER_ALLOWED_HOSTS: 'a, b.c',
  });
  t.match(config, { maxBytes: 500 * 1024 ** 2, maxAgeMs: 43_200_000, allowedHosts: ['a', 'b.c'] });
  t.equal(readConfig({ EXPLORER_MAX_BYTES: '20000000' }).maxBytes, 20_000_000);
});

t.test('OTLP over gRPC can be moved, and switched off', async (t) => {
  t.equal(readConfig({ OTLP_GRPC_PORT: '14317' }).otlpGrpcPort, 14317);
  for (const OTLP_GRPC_PORT of ['off', '0']) t.equal(readConfig({ OTLP_GRPC_PORT }).otlpGrpcPort, undefined);
});

t.test('the pair is asked for its metrics, or the named services', async (t) => {
  t.strictSame(readConfig({ USER_LOOKUP_URL: 'http://lookup:1' }).services, [
    'http://localhost:4567',
    'http://lookup:1',
  ]);
  t.strictSame(readConfig({ EXPLORER_SERVICES: 'a=http://a:1, b=https://b.example' }).services, [
    'http://a:1',
    'https://b.example',
  ]);
});

t.test('a bad setting is named in one line', async (t) => {
  const cases = [
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['OTLP_PORT', '4319'],
    ['OTLP_GRPC_PORT', '4319'],
    ['OTLP_GRPC_PORT', '4318'],
    ['OTLP_GRPC_PORT', '65536'],
    ['OTLP_GRPC_PORT', 'on'],
    ['LOG_LEVEL', 'loud'],
    ['BACKEND_URL', 'localhost'],
    ['EXPLORER_MAX_BYTES', '1 GB'],
    ['EXPLORER_MAX_BYTES', '1MiB'],
    ['EXPLORER_MAX_AGE', 'week'],
    ['EXPLORER_MAX_AGE', '5s'],
    ['EXPLORER_ALLOWED_HOSTS', 'http://a'],
    ['EXPLORER_SERVICES', 'activities-api'],
    ['EXPLORER_SERVICES', 'activities-api=http://a:1/metrics'],
  ] as const;
  for (const [variable, value] of cases) {
    const expected = {
      name: 'ConfigError',
      message: new RegExp(`^${variable} must be [^\\n]+, not "?${value}"?(?: too)?\\.$`),
    };
    t.throws(() => readConfig({ [variable]: value }), expected, `${variable}=${value}`);
  }
});

t.test('what only the services read stops no explorer, whatever it says', async (t) => {
  const env = { HONEYCOMB_API_KEY: '"quoted"', HONEYCOMB_API_ENDPOINT: 'nowhere' };
  t.equal(readConfig(env, [forwardSettings]).forward, undefined);
  t.throws(() => readConfig({ ...env, EXPLORER_FORWARD: 'honeycomb' }, [forwardSettings]), {
    message: /^HONEYCOMB_API_ENDPOINT must be a base URL/,
  });
});

t.test(
  'folders are those of the working folder: the command that starts the explorer says where else they are',
  async (t) => {
    t.equal(readConfig({}).queryFolder, undefined);
    t.equal(readConfig({ EXPLORER_QUERIES: 'honeycomb' }).queryFolder, resolve('honeycomb'));
    t.equal(readConfig({ DATA_DIR: 'mine' }).storeDirectory, resolve('mine', 'explorer'));
    t.equal(readConfig({ EXPLORER_QUERIES: '/srv/queries' }).queryFolder, '/srv/queries');
    const env = { DATA_DIR: '/tmp', EXPLORER_QUERIES: 'ignored' };
    t.equal((await configOf([], { queries: 'mine' }, env)).queryFolder, resolve('mine'));
  },
);
