import t from 'tap';
import { VARIABLES } from '../../../telemetry/src/process/settings/variables.ts';
import type { Environment } from '../../src/settings/environment.ts';
import { commonSettings, parseSettings } from '../../src/settings/settings.ts';

const read = (env: Environment) => parseSettings(commonSettings, env);

t.test('a setting has the name of its variable', async (t) => {
  const settings = read({
    DATABASE_POOL_SIZE: '7',
    DATABASE_URL: 'postgres://me@db/tandem',
    EXPOSE_METRICS: 'true',
  });
  t.match(settings, {
    maxOpenRequests: 100,
    databaseUrl: 'postgres://me@db/tandem',
    databasePoolSize: 7,
    exposeMetrics: true,
    host: '127.0.0.1',
  });
  t.notOk('exposeDocumentation' in settings);
  t.ok(Object.isFrozen(settings));
});

t.test('TRUST_PROXY takes addresses, networks and their names', async (t) => {
  const good = '10.0.0.5, 172.16.0.0/12,::1,fd00::/8 , loopback,linklocal,uniquelocal';
  t.same(read({ TRUST_PROXY: good }).trustProxy, good);
});

t.test('TRUST_PROXY: another text, or the network of all addresses, is refused by name', async (t) => {
  for (const bad of [
    'true',
    '1',
    'balancer',
    '10.0.0',
    '10.0.0.0/33',
    '::/0',
    '0.0.0.0/0',
    '10.0.0.1/8/9',
    'fd00::/129',
  ])
    t.throws(
      () => read({ TRUST_PROXY: `10.0.0.1,${bad}` }),
      { name: 'ConfigError', variable: 'TRUST_PROXY' },
      bad,
    );
});

t.test('telemetry reads DATA_DIR and LOG_LEVEL as services do', async (t) => {
  const { dataDir, logLevel } = read({});
  const { DATA_DIR, LOG_LEVEL } = VARIABLES;
  t.same([dataDir, logLevel], [DATA_DIR.otherwise, LOG_LEVEL.otherwise]);
  t.equal(LOG_LEVEL.type, commonSettings.LOG_LEVEL.type);
});
