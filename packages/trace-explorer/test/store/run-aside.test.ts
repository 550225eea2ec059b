import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { runAside } from '../../src/store/run-aside.ts';

t.test('a statement that runs aside has ended when it resolves, and its failure is thrown', async (t) => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  t.teardown(() => instance.closeSync());
  const connection = await instance.connect();
  await runAside(connection, 'CREATE TABLE numbers AS SELECT range AS n FROM range(300_000)');
  const result = await connection.runAndReadAll('SELECT count(*) FROM numbers');
  t.same(result.getRows(), [[300_000n]]);
  await t.rejects(runAside(connection, "SELECT error('while it ran') FROM numbers"), /while it ran/);
  await t.rejects(runAside(connection, 'CHECKPOINT nowhere'), /nowhere/);
  await runAside(connection, 'CHECKPOINT');
});
