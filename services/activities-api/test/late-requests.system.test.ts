import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseVariants } from '@tandem/service-kit/testing';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../test/helpers/until.ts';
import { openActivitiesDatabase } from '../src/database.ts';
import { buildTestApp } from './build-test-app.ts';

const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => telemetry.reset());

const payload = { handle: 'vir', message: 'too late for @londo', ttl: '1-hour' };

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  async function start(t: Test) {
    const { location, remove } = await variant.create();
    const database = await openActivitiesDatabase(location);
    const app = await buildTestApp({ database, faultInjection: true });
    t.teardown(() => app.close().then(remove));
    await app.ready(); // the first request is not to wait for it: its time would be over
    await sleep(50);
    const stored = async () => {
      const rows = await database.db
        .selectFrom('activities')
        .select('uuid')
        .where('message', '=', payload.message)
        .execute();
      return rows.length;
    };
    /** Resolves when the transaction has ended, and says how. */
    const ended = () =>
      until(async () => {
        await telemetry.flush();
        return telemetry.spans().find(({ name }) => name === 'COMMIT' || name === 'ROLLBACK')?.name;
      });
    return { app, stored, ended };
  }

  t.test(`${variant.name}: a POST that was answered 504 stores nothing`, async (t) => {
    const { app, stored, ended } = await start(t);
    const headers = { 'tandem.fault': 'database:delay=10000', 'x-request-timeout-ms': '3000' };
    const response = await app.inject({ method: 'POST', url: '/api/activities', payload, headers });
    t.equal(response.statusCode, 504);
    t.equal(await ended(), 'ROLLBACK');
    t.equal(await stored(), 0);
    const names = telemetry.spans().map(({ name }) => name);
    t.notOk(names.includes('COMMIT'));
    const again = await app.inject({ method: 'POST', url: '/api/activities', payload });
    t.equal(again.statusCode, 201, 'the next one is not in its way');
    t.equal(await stored(), 1);
  });

  t.test(`${variant.name}: a POST whose caller is gone stores nothing`, async (t) => {
    const { app, stored, ended } = await start(t);
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const body = JSON.stringify(payload);
    socket.write(
      `POST /api/activities HTTP/1.1\r\nhost: test\r\ntandem.fault: database:delay=300\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    const hasBegun = async () => {
      await telemetry.flush();
      return telemetry.spans().some(({ name }) => name === 'BEGIN');
    };
    await until(hasBegun);
    socket.destroy();
    t.equal(await ended(), 'ROLLBACK');
    t.equal(await stored(), 0);
  });
}
