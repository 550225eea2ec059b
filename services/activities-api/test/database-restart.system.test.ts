import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../test/helpers/nightly.ts';
import { startPostgresCluster } from '../../../test/helpers/postgres-cluster.ts';
import { until } from '../../../test/helpers/until.ts';
import { buildTestApp } from './build-test-app.ts';

// At night too: with more restarts.

/** Callers that ask one request after the other, a tenth of a second apart at least: a hundred requests per second. */
const CALLERS = 10;
const PAUSE_MS = 100;
/** How often PostgreSQL restarts, `fast` and `immediate` in turn, and how often SQLite's file is locked. */
const TIMES = IS_NIGHT ? 10 : 2;
/** How long another connection locks the file. */
const LOCK_MS = 300;
/** The most requests of one caller, so that a test always ends. */
const MAX_REQUESTS = 20_000;

/** Requests under way, reads and writes in equal parts, until the load ends. */
class Load {
  /** How often each answer came: its status, and the code of a problem. */
  readonly answers = new Map<string, number>();
  readonly #app: FastifyInstance;
  readonly #callers: Promise<unknown>;
  /** The outcome of each request, in the order of their starts. */
  readonly #outcomes: ('created' | 'refused' | undefined)[] = [];
  #isOver = false;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#callers = Promise.all(Array.from({ length: CALLERS }, (_, caller) => this.#call(caller)));
  }

  /** Waits until `count` new requests have succeeded. Resolves with the number of new requests that were refused. */
  async goesOn(count = 2 * CALLERS): Promise<number> {
    const first = this.#outcomes.length;
    const since = (wanted: string) => this.#outcomes.slice(first).filter((each) => each === wanted).length;
    await until(() => since('created') >= count);
    return since('refused');
  }

  async end(): Promise<string[]> {
    this.#isOver = true;
    await this.#callers;
    return [...this.answers.keys()];
  }

  async #call(caller: number): Promise<void> {
    for (let number = 0; number < MAX_REQUESTS && !this.#isOver; number++) {
      const payload = { handle: 'vir', message: 'for @londo and @ada', ttl: '1-hour' };
      const pause = sleep(PAUSE_MS);
      const place = this.#outcomes.push(undefined) - 1;
      const response = await (caller % 2 === 0
        ? this.#app.inject({ method: 'POST', url: '/api/activities', payload })
        : this.#app.inject('/api/activities/home?limit=3'));
      const { statusCode } = response;
      this.#outcomes[place] = statusCode === 201 ? 'created' : statusCode >= 400 ? 'refused' : undefined;
      const { code = '' } = statusCode < 400 ? {} : response.json();
      const answer = `${statusCode} ${code}`.trim();
      this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
      await pause;
    }
  }
}

const EXPECTED = new Set(['200', '201', '503 DATABASE_UNAVAILABLE']);

/**
 * Ends the load. Checks that every answer was expected, and that the service recovers with its database.
 * Each caller has at most one broken connection. So at most one request per caller may fail after the return of the
 * database; the caller's next request succeeds.
 */
async function checkRecoveries(t: Test, load: Load, recoveries: readonly number[]): Promise<void> {
  const answers = await load.end();
  const most = Math.max(...recoveries);
  t.ok(most <= CALLERS, `after the return at most ${most} were refused`);
  t.comment(`${recoveries.length} times; answers: ${JSON.stringify(Object.fromEntries(load.answers))}`);
  t.same(
    answers.filter((answer) => !EXPECTED.has(answer)),
    [],
    'nothing else was answered',
  );
}

t.test(
  'SQLite: the file is locked again and again under load: every answer is a success or 503',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
    const file = join(folder, 'test.sqlite');
    const app = await buildTestApp({}, { file });
    t.teardown(() => app.close().then(() => rmSync(folder, { recursive: true })));
    const load = new Load(app);
    await load.goesOn();
    const recoveries: number[] = [];
    for (let lock = 0; lock < TIMES; lock++) {
      const other = new DatabaseSync(file);
      await until(() => begins(other));
      await sleep(LOCK_MS);
      other.exec('rollback');
      other.close();
      recoveries.push(await load.goesOn());
    }
    await checkRecoveries(t, load, recoveries);
  },
);

/** True when no other connection is writing. */
function begins(database: DatabaseSync): boolean {
  try {
    database.exec('begin immediate');
    return true;
  } catch {
    return false;
  }
}

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
      const load = new Load(app);
      await load.goesOn();
      const recoveries: number[] = [];
      for (let restart = 0; restart < TIMES; restart++) {
        await cluster.restart(restart % 2 === 0 ? 'fast' : 'immediate');
        recoveries.push(await load.goesOn());
      }
      await cluster.stop('fast');
      const ready = await app.inject('/health/ready');
      t.equal(ready.statusCode, 503, 'readiness says so while it is away');
      await cluster.start();
      recoveries.push(await load.goesOn());
      await checkRecoveries(t, load, recoveries);
      t.ok(load.answers.has('503 DATABASE_UNAVAILABLE'), 'the restarts were felt');
      await telemetry.flush();
      const types = new Set(telemetry.spans().map(({ attributes }) => attributes['error.type'] ?? 'none'));
      t.ok(types.size > 1, `spans say what it was: ${[...types].join(' ')}`);
    },
  );
