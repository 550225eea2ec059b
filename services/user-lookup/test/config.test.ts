import t from 'tap';
import { readConfig } from '../src/config.ts';

t.test('without any variable the service runs on its own port with an embedded database', (t) => {
  const config = readConfig({});
  t.match(config, { host: '127.0.0.1', port: 4568, logLevel: 'info', dataDir: '.data' });
  t.notOk('databaseUrl' in config);
  t.ok(Object.isFrozen(config));
  t.end();
});

t.test('DATABASE_URL, PORT and the limit are taken over', (t) => {
  const databaseUrl = 'postgres://me:secret@db:5432/tandem';
  const env = { DATABASE_URL: databaseUrl, PORT: '81', HOST: '0.0.0.0' };
  // RATE_LIMIT_MAX is a setting of activities-api. A client of user-lookup is a service, which has many clients.
  const config = readConfig({ ...env, RATE_LIMIT_MAX: '3', USER_LOOKUP_RATE_LIMIT_MAX: '7' });
  t.match(config, { databaseUrl, port: 81, userLookupRateLimitMax: 7, host: '0.0.0.0' });
  t.end();
});
