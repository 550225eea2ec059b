import { databaseVariants, startRelay } from '@tandem/service-kit/testing';
import t from 'tap';
import { until } from '../../../test/helpers/until.ts';
import { buildTestApp } from './build-test-app.ts';

const [, postgres] = databaseVariants(process.env.TEST_DATABASE_URL);

if (postgres !== undefined)
  t.test(
    'all connections are lost without a word: the service works again when the way is back',
    async (t) => {
      const { location, remove } = await postgres.create();
      const direct = new URL('url' in location ? location.url : '');
      const way = await startRelay(Number(direct.port));
      const url = Object.assign(new URL(direct), { port: String(way.port) }).href;
      const app = await buildTestApp({}, { url });
      t.teardown(() => app.close().then(way.close).then(remove));
      const headers = { 'x-request-timeout-ms': '1200' };
      const post = () =>
        app.inject({
          method: 'POST',
          url: '/api/activities',
          headers,
          payload: { handle: 'vir', message: 'for @londo', ttl: '1-hour' },
        });
      const burst = () => Promise.all(Array.from({ length: 40 }, post));
      const allWork = async () => (await burst()).every(({ statusCode }) => statusCode === 201);
      await until(allWork, { what: 'all connections are in use' });

      const lost = burst();
      await new Promise(setImmediate);
      await way.become('swallow');
      t.ok(
        (await lost).every(({ statusCode }) => [201, 503, 504].includes(statusCode)),
        'requests in flight are answered',
      );
      for (const { statusCode } of await burst())
        t.ok([503, 504].includes(statusCode), 'and those that come later');
      t.equal((await app.inject('/health/ready')).statusCode, 503);

      await way.become('forward');
      await until(allWork, { what: 'many requests at once work again' });
      const isReady = async () => (await app.inject('/health/ready')).statusCode === 200;
      t.ok(await until(isReady, { what: 'a readiness check that began after the way was back' }));

      const silent = burst();
      await new Promise(setImmediate);
      await way.become('swallow');
      await silent;
      await t.resolves(app.close(), 'a database that says nothing keeps no service from stopping');
    },
  );
