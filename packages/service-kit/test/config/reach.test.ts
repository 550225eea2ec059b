import t from 'tap';
import type { Environment } from '../../src/index.ts';
import { ConfigError, commonSettings, readEnvironment, readReach } from '../../src/index.ts';

const reach = (env: Environment) => readReach(readEnvironment(commonSettings, env));

t.test('on loopback: our own names only, metrics and documentation are there', async (t) => {
  for (const HOST of ['', '127.0.0.1', '127.1.2.3', 'localhost', '::1'])
    t.same(
      reach({ HOST }),
      { trustProxy: [], allowedHosts: [], metrics: true, documentation: true },
      HOST || 'the default',
    );
});

t.test('elsewhere: any name, and what is not for everybody only when asked for', async (t) => {
  for (const HOST of ['0.0.0.0', '::', '10.0.0.1', 'example.test', '127.example.test'])
    t.same(reach({ HOST }), { trustProxy: [], metrics: false, documentation: false }, HOST);
  const asked = {
    HOST: '0.0.0.0',
    EXPOSE_METRICS: 'true',
    EXPOSE_DOCUMENTATION: 'true',
    ALLOWED_HOSTS: 'a , b',
  };
  t.same(reach(asked), { trustProxy: [], allowedHosts: ['a', 'b'], metrics: true, documentation: true });
  t.match(reach({ EXPOSE_METRICS: 'false' }), { metrics: false, documentation: true });
});

t.test('TRUST_PROXY takes addresses, networks and their names', async (t) => {
  const good = '10.0.0.5, 172.16.0.0/12,::1,fd00::/8 , loopback,linklocal,uniquelocal';
  t.same(reach({ TRUST_PROXY: good }).trustProxy, good.split(/ ?, ?/));
});

t.test('TRUST_PROXY: what is neither, or is everybody, is refused by name', async (t) => {
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
      () => reach({ TRUST_PROXY: `10.0.0.1,${bad}` }),
      new ConfigError(
        'TRUST_PROXY',
        `TRUST_PROXY has "${bad}"; expected addresses or networks such as 10.0.0.5, 10.0.0.0/8 or loopback.`,
      ),
      bad,
    );
});
