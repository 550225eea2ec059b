import t from 'tap';
import type { Environment } from '../../src/settings/environment.ts';
import { ConfigError, readEnvironment } from '../../src/settings/environment.ts';
import { commonSettings, originSetting, portSetting } from '../../src/settings/settings.ts';

const settings = {
  ...commonSettings,
  PORT: portSetting(1234),
  FRONTEND_URL: originSetting('http://localhost:3000', 'the page'),
};

function messageFor(env: Environment): string {
  try {
    readEnvironment(settings, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

t.test('a variable that is unset or empty has its default', (t) => {
  const config = readEnvironment(settings, { PORT: '', LOG_LEVEL: ' ', DATABASE_URL: '', UNRELATED: 'x' });
  t.match(config, {
    PORT: 1234,
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    MAX_OPEN_REQUESTS: 100,
    DATA_DIR: '.data',
  });
  t.notOk('DATABASE_URL' in config);
  t.notOk('UNRELATED' in config);
  t.ok(Object.isFrozen(config));
  t.end();
});

t.test('given values are read with their types', (t) => {
  const config = readEnvironment(settings, { PORT: '80', MAX_OPEN_REQUESTS: ' 5 ', LOG_LEVEL: 'debug' });
  t.match(config, { PORT: 80, MAX_OPEN_REQUESTS: 5, LOG_LEVEL: 'debug' });
  t.end();
});

t.test('an error names the variable, its value and the expected value', (t) => {
  t.equal(messageFor({ PORT: '80x' }), 'PORT must be a port from 0 to 65535, not "80x".');
  t.equal(messageFor({ PORT: '70000' }), 'PORT must be a port from 0 to 65535, not "70000".');
  t.match(messageFor({ LOG_LEVEL: 'loud' }), /^LOG_LEVEL must be one of fatal, error.*, not "loud"/);
  t.match(
    messageFor({ MAX_OPEN_REQUESTS: '0' }),
    /^MAX_OPEN_REQUESTS must be a whole number from 1 .*, not "0"/,
  );
  t.match(messageFor({ FRONTEND_URL: 'localhost' }), /^FRONTEND_URL must be an origin .*, not "localhost"/);
  for (const url of ['http://x:99999', 'http://[::1', 'http://:80'])
    t.match(messageFor({ FRONTEND_URL: url }), /^FRONTEND_URL must be an origin .*, not "http/);
  t.end();
});

t.test('no message repeats a secret', (t) => {
  for (const url of [
    'mysql://me:hunter2@db/x',
    'postgres://me:hunter2@db:99999/x',
    'postgres://me:hunter2@a:1,b:2/x',
  ])
    t.equal(
      messageFor({ DATABASE_URL: url }),
      'DATABASE_URL must be postgres://user:password@host:port/database.',
    );
  t.notMatch(messageFor({ ROLLBAR_ACCESS_TOKEN: 'short' }), /short/);
  t.notMatch(messageFor({ FRONTEND_URL: 'http://me:hunter2@host/' }), /hunter2/);
  t.notMatch(messageFor({ FRONTEND_URL: 'me:hunter2@host:3000' }), /hunter2/);
  t.notMatch(messageFor({ FRONTEND_URL: 'http://me:a/b@hunter2@host/' }), /hunter2/);
  t.notMatch(messageFor({ FRONTEND_URL: 'https://host/in?token=hunter2&x=hunter2' }), /hunter2/);
  const key = 'hcaik_01hqk4k20cjeh63wca8vva5stw70nft6m5n8wr8f5mjx3762s8269j50wc';
  for (const variable of ['PORT', 'LOG_LEVEL', 'FRONTEND_URL'])
    t.match(messageFor({ [variable]: key }), /, not "REDACTED"\.$/, variable);
  t.end();
});

t.test('quotes that `docker run --env-file` keeps are what is wrong', async (t) => {
  t.equal(
    messageFor({ PORT: '"80"' }),
    String.raw`PORT must be a port from 0 to 65535, without quotes around it, not "\"80\"".`,
  );
  t.match(messageFor({ DATA_DIR: "'/data'" }), /^DATA_DIR must be a folder, without quotes around it/);
});
