import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import pg from 'pg';
import type { Test } from 'tap';
import t from 'tap';
import { startPostgresCluster } from '../../../test/helpers/postgres-cluster.ts';
import { until } from '../../../test/helpers/until.ts';
import { openActivitiesDatabase } from '../src/database.ts';
import { buildTestApp } from './build-test-app.ts';

/** How long PostgreSQL stands still. */
const FROZEN_MS = 20_000;

/** The service on its own PostgreSQL, its log, and the answers to a read and a write. */
async function start(t: Test) {
  const cluster = await startPostgresCluster();
  t.teardown(() => cluster.remove());
  const lines: { level: number; err?: { message: string } }[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const { log: logger } = Fastify({ logger: { stream } });
  await administer(cluster.url, "create role service login password 'one'");
  await administer(cluster.url, 'create database service owner service');
  const { rows } = await administer(cluster.url, 'show hba_file');
  const rules = "('host all postgres 127.0.0.1/32 trust'), ('host all service 127.0.0.1/32 scram-sha-256')";
  await administer(cluster.url, `copy (values ${rules}) to '${rows[0].hba_file}'`);
  await administer(cluster.url, 'select pg_reload_conf()');
  const url = cluster.url.replace('postgres@', 'service:one@').replace(/[^/]+$/, 'service');
  const location = { url, poolSize: 3 };
  const app = await buildTestApp({ runtime: { logger }, database: await openActivitiesDatabase(location) });
  t.teardown(() => app.close());
  const payload = { handle: 'vir', message: 'hello', ttl: '1-hour' };
  const ask = async () => {
    const answers = [
      app.inject('/api/activities/home'),
      app.inject({ method: 'POST', url: '/api/activities', payload }),
    ];
    return (await Promise.all(answers)).map(({ statusCode }) => statusCode);
  };
  const errors = () => lines.flatMap(({ level, err }) => (level >= 50 && err ? [err.message] : []));
  return { cluster, ask, errors };
}

/** Runs a statement as an administrator. */
async function administer(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client(url);
  await client.connect();
  return client.query(statement).finally(() => client.end());
}

t.test(
  'PostgreSQL stands still for 20 s: 503 or 504 within the deadline, then good answers again',
  async (t) => {
    const { cluster, ask } = await start(t);
    t.same(await ask(), [200, 201]);
    await cluster.freeze();
    const asked: Promise<number[]>[] = [];
    for (const end = performance.now() + FROZEN_MS; performance.now() < end; await sleep(200))
      asked.push(ask());
    await cluster.thaw();
    const statuses = new Map<number, number>();
    for (const status of (await Promise.all(asked)).flat())
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    t.comment(JSON.stringify(Object.fromEntries(statuses)));
    // The last requests are answered after the return.
    t.same(
      [...statuses.keys()].filter((status) => ![200, 201, 503, 504].includes(status)),
      [],
      'nothing else is answered',
    );
    t.ok((statuses.get(503) ?? 0) + (statuses.get(504) ?? 0) >= 150, 'all but the last are refused');
    await until(async () => (await ask()).join() === '200,201', { what: 'good answers' });
  },
);

for (const [what, change, message, undo] of [
  [
    'no connection is left',
    'alter role service connection limit 0',
    /too many connections for role/,
    'alter role service connection limit -1',
  ],
  [
    'the password has changed',
    "alter role service password 'two'",
    /password authentication failed/,
    "alter role service password 'one'",
  ],
] as const)
  t.test(`${what}: 503 and a line that says why, then good answers again`, async (t) => {
    const { cluster, ask, errors } = await start(t);
    t.same(await ask(), [200, 201]);
    await administer(cluster.url, change);
    await administer(
      cluster.url,
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'service'",
    );
    const refused = async () => {
      const before = errors().length;
      const statuses = await ask();
      const said = errors().slice(before);
      return statuses.join() === '503,503' && said.length === 2 && said.every((line) => message.test(line));
    };
    // The first refusals may be of connections that were cut.
    await until(refused, { what: `refusals that say ${message}` });
    t.ok(await refused(), 'each refusal says why');
    await administer(cluster.url, undo);
    await until(async () => (await ask()).join() === '200,201', { what: 'good answers' });
  });
