import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgresCluster } from '@tandem/service-kit/testing';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { until } from '../../../test/helpers/until.ts';
import { buildTestApp } from './build-test-app.ts';

/** Callers that ask one request after the other, a tenth of a second apart at least: a hundred requests per second. */
const CALLERS = 10;
const PAUSE_MS = 100;
/** How often it is restarted, `fast` and `immediate` in turn. RESTARTS=10 is what the services are to withstand. */
const RESTARTS = Number(process.env.RESTARTS ?? 2);
/** Requests of one caller at most, so that the test ends in any case. */
const MAX_REQUESTS = 20_000;

if (process.env.TEST_DATABASE_URL)
  t.test(
    'PostgreSQL restarts under load: every answer is a success or 503, and then it goes on',
    async (t) => {
      const telemetry = createTestTelemetry();
      t.teardown(() => telemetry.shutdown());
      const cluster = await startPostgresCluster();
      t.teardown(() => cluster.remove());
      const app = await buildTestApp({}, { url: cluster.url });
      t.teardown(() => app.close());
      const statuses = new Map<string, number>();
      let isOver = false;

      async function call(caller: number): Promise<void> {
        for (let number = 0; number < MAX_REQUESTS && !isOver; number++) {
          const payload = { handle: 'vir', message: 'for @londo and @ada', ttl: '1-hour' };
          const pause = sleep(PAUSE_MS);
          const response = await (caller % 2 === 0
            ? app.inject({ method: 'POST', url: '/api/activities', payload })
            : app.inject('/api/activities/home?limit=3'));
          const { code = '' } = response.statusCode < 400 ? {} : response.json();
          const answer = `${response.statusCode} ${code}`.trim();
          statuses.set(answer, (statuses.get(answer) ?? 0) + 1);
          await pause;
        }
      }
      const load = Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)));
      const created = () => statuses.get('201') ?? 0;
      const after = async (count: number) => until(() => created() > count);
      await after(20);
      for (let restart = 0; restart < RESTARTS; restart++) {
        await cluster.restart(restart % 2 === 0 ? 'fast' : 'immediate');
        await after(created() + 20);
      }
      await cluster.stop('fast');
      const ready = await app.inject('/health/ready');
      t.equal(ready.statusCode, 503, 'readiness says so while it is away');
      await cluster.start();
      await after(created() + 20);
      isOver = true;
      t.comment(`answers: ${JSON.stringify(Object.fromEntries(statuses))}`);
      await load;
      const unexpected = [...statuses.keys()].filter(
        (answer) => !['200', '201', '503 DATABASE_UNAVAILABLE', '503 DATABASE_BUSY'].includes(answer),
      );
      t.same(unexpected, [], 'nothing else was answered');
      t.ok(statuses.has('503 DATABASE_UNAVAILABLE'), 'the restarts were felt');
      await telemetry.flush();
      const types = new Set(telemetry.spans().map(({ attributes }) => attributes['error.type'] ?? 'none'));
      t.ok(types.size > 1 && !types.has('Error'), `spans say what it was: ${[...types].join(' ')}`);
    },
  );
