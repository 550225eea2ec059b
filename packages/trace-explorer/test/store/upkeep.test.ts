import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { Checkpointer } from '../../src/store/checkpointer.ts';
import { createTables } from '../../src/store/database.ts';
import { Failures } from '../../src/store/failures.ts';
import { loadState } from '../../src/store/state.ts';
import { Upkeep } from '../../src/store/upkeep.ts';

/** Upkeep of a database in memory, on a connection that the test can close under it. */
async function upkeepOver(t: { teardown(fn: () => unknown): void }) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("ATTACH ':memory:' AS store");
  await connection.run('USE store');
  await createTables(connection);
  const state = await loadState(connection, { maxColumns: 100, memoryMb: 128 });
  const told: string[] = [];
  const failures = new Failures((task) => told.push(task));
  const open: { now: DuckDBConnection } = { now: connection };
  const upkeep = new Upkeep({
    state,
    failures,
    journal: { unpackedBytes: 0 },
    maxBytes: 1e9,
    maxAgeMs: 1e9,
    requireFile: () => {},
    writer: { exclusively: (task) => task(open.now) },
    checkpointer: new Checkpointer(() => connection.run('CHECKPOINT'), 1e9, failures),
  });
  t.teardown(() => upkeep.stop());
  return { upkeep, failures, told, open, instance };
}

t.test('upkeep that fails is told and shown, tried again, and no longer shown once it works', async (t) => {
  const { upkeep, failures, told, open, instance } = await upkeepOver(t);
  const working = open.now;
  const broken = await instance.connect();
  await broken.run('USE memory'); // no store there
  open.now = broken;
  await t.rejects(upkeep.run(), /does not exist/u);
  await t.rejects(upkeep.run(), /does not exist/u, 'a failed run leaves no transaction open');
  upkeep.start(5);
  await until(() => failures.notices().length === 1);
  t.match(failures.notices(), [/^Saving counts and dropping old traces fails.*Table .* does not exist/u]);
  t.same(told, ['upkeep']);
  open.now = working;
  await until(() => failures.notices().length === 0);
});
