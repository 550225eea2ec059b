import fastify from 'fastify';
import t from 'tap';
import { accountIn, honeycombRoutes } from '../src/core/honeycomb-account.ts';
import { temporaryExplorer } from './explorer.ts';

t.test('the team of the Honeycomb key is read from a running service', async (t) => {
  const service = fastify();
  service.get(
    '/metrics',
    async () => 'tandem_honeycomb_info{team="bees",environment="test",region="us"} 1\n',
  );
  t.teardown(() => service.close());
  const url = await service.listen({ host: '127.0.0.1', port: 0 });
  const ask = async (services: string[]) => {
    const app = fastify();
    t.teardown(() => app.close());
    await app.register(honeycombRoutes, { services });
    return (await app.inject('/api/honeycomb')).json();
  };
  const silent = 'http://127.0.0.1:9';
  t.same(await ask([silent, url]), {
    account: { team: 'bees', environment: 'test', region: 'us' },
  });
  t.same(await ask([silent]), {});
  const other = fastify();
  other.get(
    '/metrics',
    async () => `${'# a\n'.repeat(2 * 1024 * 1024)}tandem_honeycomb_info{team="bees"} 1\n`,
  );
  t.teardown(() => other.close());
  t.same(
    await ask([await other.listen({ host: '127.0.0.1', port: 0 })]),
    {},
    'an endless answer is not read',
  );
});

t.test('the team of the Honeycomb key, in a service’s metrics', (t) => {
  const text = 'tandem_honeycomb_info{team="bees",environment="pro\\"d",region="eu"} 1\n';
  t.same(accountIn(text), { team: 'bees', environment: 'pro"d', region: 'eu' });
  t.same(accountIn('tandem_honeycomb_info{team="bees",region="moon"} 1'), {
    team: 'bees',
    environment: '',
    region: 'other',
  });
  t.equal(accountIn('tandem_honeycomb_info{region="us"} 1'), undefined);
  t.equal(accountIn('<html>not metrics</html>'), undefined);
  t.end();
});

t.test('the explorer is ready while its store answers', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  t.match(await get('/health/ready'), { status: 200, body: { status: 'ok' } });
  await store.close();
  t.match(await get('/health/ready'), { status: 503, type: /problem\+json/, body: { code: 'NOT_READY' } });
  t.match(await get('/health/live'), { status: 200 });
});
