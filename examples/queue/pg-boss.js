// A service and its worker, with pg-boss on PostgreSQL. A batch of one job is a child of the span that sent the job; a larger
// batch has a trace of its own, with a link to each sender.
import { PgBoss } from 'pg-boss';
import { endWith, serve, tellFollowers } from './serve.js';

const boss = new PgBoss({
  connectionString: process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres',
  schema: process.env.PGBOSS_SCHEMA ?? 'pgboss',
  // Off by default: without it, senders and workers have separate traces without links.
  openTelemetry: { propagateContext: true },
});
boss.on('error', console.error);
await boss.start();
await boss.createQueue('followers');
await boss.work('followers', { batchSize: 50, pollingIntervalSeconds: 2 }, async (jobs) => {
  for (const { data } of jobs) await tellFollowers(data);
});

const app = await serve((activity) => boss.send('followers', activity));
endWith(
  () => app.close(),
  () => boss.stop(),
);
