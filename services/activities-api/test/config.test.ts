import { isAbsolute } from 'node:path';
import t from 'tap';
import { readConfig } from '../src/config.ts';

t.test('without any variable the service runs on its own port with an embedded database', (t) => {
  const config = readConfig({});
  t.match(config, { host: '127.0.0.1', port: 4567, logLevel: 'info' });
  t.match(config.database, { file: /\.data\/activities-api\.sqlite$/ });
  t.ok('file' in config.database && isAbsolute(config.database.file));
  t.ok(Object.isFrozen(config));
  t.end();
});

t.test('DATABASE_URL, PORT and the limits are taken over', (t) => {
  const url = 'postgres://me:secret@db:5432/tandem';
  const config = readConfig({ DATABASE_URL: url, PORT: '81', RATE_LIMIT_MAX: '7', HOST: '0.0.0.0' });
  t.match(config, { database: { url }, port: 81, rateLimitMax: 7, host: '0.0.0.0' });
  t.end();
});

t.test('pages of FRONTEND_URL and BACKEND_URL may call; user-lookup is at USER_LOOKUP_URL', (t) => {
  t.match(readConfig({}), {
    corsOrigins: ['http://localhost:3000', 'http://localhost:4567'],
    userLookupUrl: 'http://localhost:4568',
  });
  const config = readConfig({
    FRONTEND_URL: 'https://a.example',
    USER_LOOKUP_URL: 'http://user-lookup:4568',
  });
  t.match(config, { corsOrigins: ['https://a.example', /4567/], userLookupUrl: 'http://user-lookup:4568' });
  t.throws(
    () => readConfig({ USER_LOOKUP_URL: 'user-lookup:4568' }),
    /^USER_LOOKUP_URL is "user-lookup:4568"/,
  );
  t.end();
});
