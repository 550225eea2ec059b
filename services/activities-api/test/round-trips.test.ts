import { databaseVariants, startRelay } from '@tandem/service-kit/testing';
import t from 'tap';
import { buildTestApp } from './build-test-app.ts';

const [, postgres] = databaseVariants(process.env.TEST_DATABASE_URL);

if (postgres !== undefined)
  t.test('a request waits for PostgreSQL once per statement, and a write for its transaction', async (t) => {
    const { location, remove } = await postgres.create();
    const direct = new URL('url' in location ? location.url : '');
    const way = await startRelay(Number(direct.port));
    const url = Object.assign(new URL(direct), { port: String(way.port) }).href;
    const app = await buildTestApp({}, { url, poolSize: 1 });
    t.teardown(() => app.close().then(way.close).then(remove));
    const post = (message: string, to = '/api/activities') =>
      app.inject({ method: 'POST', url: to, payload: { handle: 'vir', message, ttl: '1-hour' } });
    const { uuid } = (await post('hello')).json();
    const trips = async (request: () => Promise<{ statusCode: number }>) => {
      const before = way.roundTrips;
      t.ok((await request()).statusCode < 300);
      return way.roundTrips - before;
    };
    t.equal(await trips(() => app.inject('/api/activities/home')), 1, 'a page');
    t.equal(await trips(() => post('hello')), 3, 'an activity: with BEGIN, COMMIT');
    t.equal(await trips(() => post('hello @londo')), 4, 'and whom it mentions');
    t.equal(await trips(() => post('hello', `/api/activities/${uuid}/reply`)), 4, 'a reply');
  });
