import { createTestTelemetry } from '@tandem/telemetry/testing';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { withinDeadline } from '../../../src/index.ts';
import { createServer, openDatabase } from '../../../src/traced/index.ts';
import { databaseVariants } from '../../../testing/index.ts';

interface Schema {
  things: { name: string };
}

const telemetry = createTestTelemetry(); // faults travel in its context
t.teardown(() => telemetry.shutdown());

/** More than PostgreSQL's pool has connections. */
const SLOW_REQUESTS = 12;

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  t.test(variant.name, async (t) => {
    const { location, remove } = await variant.create();
    const database = openDatabase<Schema>(location);
    const { db } = database;
    await db.schema.createTable('things').addColumn('name', 'text').execute();
    const app: FastifyInstance = await createServer({
      title: 'test',
      description: 'A test.',
      version: '1.2.3',
      rateLimitMax: 100_000,
      faultInjection: true,
      readiness: { checkDatabase: () => database.check(), isStopping: () => false },
      api(api) {
        api.get('/things', (request) =>
          withinDeadline(request, () => db.selectFrom('things').selectAll().execute()),
        );
        api.post<{ Params: { name: string } }>('/things/:name', (request) =>
          withinDeadline(request, async () => {
            const insert = (transaction: typeof db) =>
              transaction.insertInto('things').values(request.params).execute();
            await db.transaction().execute(insert);
            return {};
          }),
        );
      },
    });
    t.teardown(async () => {
      await app.close();
      await database.close();
      await remove();
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      (await fetch(url + path, { method, headers })).status;

    const names = async () => (await db.selectFrom('things').selectAll().execute()).map(({ name }) => name);

    await t.test('requests with a slow database do not slow others down', async (t) => {
      const headers = { 'tandem.fault': 'database:delay=10000' };
      let answered = 0;
      const slow = Array.from({ length: SLOW_REQUESTS }, async (_, index) => {
        const status = await (index % 2 === 0
          ? ask('/api/things', headers)
          : ask('/api/things/slow', headers, 'POST'));
        answered++;
        return status;
      });
      // They have arrived: this one came later, and waited a while.
      t.equal(await ask('/api/things', { 'tandem.fault': 'database:delay=50' }), 200);
      t.equal(await ask('/api/things'), 200);
      t.equal(await ask('/api/things/quick', {}, 'POST'), 200);
      t.equal(await ask('/health/ready'), 200);
      t.equal(answered, 0, 'the slow ones still wait');
      t.same(await Promise.all(slow), Array(SLOW_REQUESTS).fill(504));
      t.same(await names(), ['quick']);
    });

    await t.test('what a request asked for does not happen after it was answered', async (t) => {
      const headers = { 'tandem.fault': 'database:delay=1000', 'x-request-timeout-ms': '500' };
      t.equal(await ask('/api/things/late', headers, 'POST'), 504);
      t.equal(await ask('/api/things/last', { 'tandem.fault': 'database:delay=1000' }, 'POST'), 200);
      t.same((await names()).toSorted(), ['last', 'quick']);
    });
  });
}
