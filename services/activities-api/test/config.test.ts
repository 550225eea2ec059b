import { isAbsolute } from 'node:path';
import { databaseLocation } from '@tandem/service-kit';
import t from 'tap';
import { readConfig } from '../src/config.ts';
import { buildTestApp } from './build-test-app.ts';

t.test('without any variable the service runs on its own port with an embedded database', (t) => {
  const config = readConfig({});
  t.match(config, { host: '127.0.0.1', port: 4567, logLevel: 'info' });
  const location = databaseLocation(config, 'activities-api');
  t.match(location, { file: /\.data\/activities-api\.sqlite$/ });
  t.ok('file' in location && isAbsolute(location.file));
  t.ok(Object.isFrozen(config));
  t.end();
});

t.test('DATABASE_URL, PORT and the limits are taken over', (t) => {
  const url = 'postgres://me:secret@db:5432/tandem';
  const limits = { RATE_LIMIT_MAX: '7', DATABASE_POOL_SIZE: '3' };
  const config = readConfig({ DATABASE_URL: url, PORT: '81', HOST: '0.0.0.0', ...limits });
  t.match(config, { port: 81, rateLimitMax: 7, host: '0.0.0.0' });
  t.same(databaseLocation(config, 'activities-api'), { url, poolSize: 3 });
  t.throws(() => readConfig({ DATABASE_POOL_SIZE: '0' }), /^DATABASE_POOL_SIZE must be .*, not "0"/);
  t.end();
});

t.test('the trace of a caller is continued unless PUBLIC_EDGE is set', (t) => {
  t.equal(readConfig({}).publicEdge, false);
  t.equal(readConfig({ PUBLIC_EDGE: 'true' }).publicEdge, true);
  t.throws(() => readConfig({ PUBLIC_EDGE: 'perhaps' }), /^PUBLIC_EDGE must be true or false, not "perhaps"/);
  t.end();
});

t.test(
  'pages of FRONTEND_URL, BACKEND_URL and EXPLORER_URL may call; user-lookup is at USER_LOOKUP_URL',
  (t) => {
    t.match(readConfig({}), {
      frontendUrl: 'http://localhost:3000',
      backendUrl: 'http://localhost:4567',
      explorerUrl: 'http://localhost:4319',
      userLookupUrl: 'http://localhost:4568',
    });
    const config = readConfig({
      FRONTEND_URL: 'https://a.example',
      USER_LOOKUP_URL: 'http://user-lookup:4568',
    });
    t.match(config, { frontendUrl: 'https://a.example', userLookupUrl: 'http://user-lookup:4568' });
    t.throws(
      () => readConfig({ USER_LOOKUP_URL: 'user-lookup:4568' }),
      /^USER_LOOKUP_URL must be .*, not "user-lookup:4568"/,
    );
    t.end();
  },
);

t.test('pages of each origin in CORS_ORIGINS may call too', async (t) => {
  const { corsOrigins } = readConfig({ CORS_ORIGINS: 'http://localhost:5173, https://a.example' });
  const app = await buildTestApp({ settings: { corsOrigins } });
  t.teardown(() => app.close());
  for (const origin of [
    'http://localhost:3000',
    'http://localhost:4319',
    'http://localhost:5173',
    'https://a.example',
  ]) {
    const { headers } = await app.inject({ url: '/api/activities/home', headers: { origin } });
    t.equal(headers['access-control-allow-origin'], origin);
  }
  const stranger = await app.inject({ url: '/api/activities/home', headers: { origin: 'http://b.example' } });
  t.equal(stranger.headers['access-control-allow-origin'], undefined);
  for (const value of ['*', 'localhost:5173', 'http://localhost:5173/app', 'http://a.example,'])
    t.throws(() => readConfig({ CORS_ORIGINS: value }), /^CORS_ORIGINS must be origins such as/, value);
});
