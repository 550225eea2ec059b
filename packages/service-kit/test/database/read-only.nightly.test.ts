import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { sql } from 'kysely';
import type { Test } from 'tap';
import t from 'tap';
import type { PostgresCluster } from '../../../../test/helpers/postgres-cluster.ts';
import { canStartPostgres, startPostgresCluster } from '../../../../test/helpers/postgres-cluster.ts';
import { until } from '../../../../test/helpers/until.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/database.ts';
import { problemOf } from '../../src/problems/answer-error.ts';

const POOL_SIZE = 4;
const create = sql`create table if not exists things (name text)`;

/** Statements that open all connections of the pool. */
function openAll({ db }: Database<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: POOL_SIZE }, () => sql`select pg_sleep(0.2)`.execute(db)));
}

/** How many of the writes to come are refused as long as the pool has a session from before. */
async function refusedOf({ db }: Database<unknown>): Promise<number> {
  let refused = 0;
  for (let write = 0; write < 5 * POOL_SIZE; write++) {
    const failure = await create.execute(db).catch((error: unknown) => error);
    if (failure instanceof Error) refused++;
  }
  return refused;
}

async function isRefused({ db }: Database<unknown>): Promise<boolean> {
  const failure = await create.execute(db).catch((error: unknown) => error);
  return failure instanceof Error && problemOf(failure).code === 'DATABASE_UNAVAILABLE';
}

if (canStartPostgres()) {
  t.test('after a read-only spell each session refuses one write at most', async (t) => {
    const cluster = await startPostgresCluster();
    const admin = await openDatabase({ url: cluster.url });
    const database = await openDatabase({ url: cluster.url, poolSize: POOL_SIZE });
    t.teardown(() => Promise.all([admin.close(), database.close()]).then(cluster.remove));
    await sql`alter database postgres set default_transaction_read_only = on`.execute(admin.db);
    await openAll(database);
    t.ok(await isRefused(database));
    await openAll(database);
    await sql`alter database postgres reset default_transaction_read_only`.execute(admin.db);
    const refused = await refusedOf(database);
    t.ok(refused > 0 && refused <= POOL_SIZE, `${refused} writes are refused`);
  });

  t.test('a standby is left at the first refused write, and takes writes once it is promoted', async (t) => {
    const primary = await startPostgresCluster();
    t.teardown(() => primary.remove());
    const standby = await startPostgresCluster({ standbyOf: primary });
    t.teardown(() => standby.remove());
    const { url, leadTo } = await startDoor(t, standby);
    const database = await openDatabase({ url, poolSize: POOL_SIZE });
    t.teardown(() => database.close());
    await openAll(database);
    t.ok(await isRefused(database));
    leadTo(primary);
    const refused = await refusedOf(database);
    t.ok(refused > 0 && refused <= POOL_SIZE, `${refused} writes are refused`);
    leadTo(standby);
    const other = await openDatabase({ url, poolSize: POOL_SIZE });
    t.teardown(() => other.close());
    t.ok(await isRefused(other));
    await standby.promote();
    await until(async () => !(await isRefused(other)));
    t.equal(await refusedOf(other), 0);
  });
}

/** An address that leads new connections to one cluster or another, as a name or a proxy does after a failover. */
async function startDoor(t: Test, first: PostgresCluster) {
  let target = first;
  const leadTo = (cluster: PostgresCluster) => {
    target = cluster;
  };
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(Number(new URL(target.url).port), '127.0.0.1');
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = Object.assign(new URL(first.url), {
    port: String((server.address() as AddressInfo).port),
  }).href;
  return { url, leadTo };
}
