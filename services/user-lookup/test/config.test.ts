import { isAbsolute } from 'node:path';
import t from 'tap';
import { readConfig } from '../src/config.ts';

t.test('without any variable the service runs on its own port with an embedded database', (t) => {
  const config = readConfig({});
  t.match(config, { host: '127.0.0.1', port: 4568, logLevel: 'info' });
  t.match(config.database, { file: /\.data\/user-lookup\.sqlite$/ });
  t.ok('file' in config.database && isAbsolute(config.database.file));
  t.ok(Object.isFrozen(config));
  t.end();
});

t.test('DATABASE_URL, PORT and the limits are taken over', (t) => {
  const url = 'postgres://me:secret@db:5432/tandem';
  const config = readConfig({ DATABASE_URL: url, PORT: '81', RATE_LIMIT_MAX: '7', HOST: '0.0.0.0' });
  t.match(config, { database: { url }, port: 81, rateLimitMax: 700, host: '0.0.0.0' });
  t.end();
});
