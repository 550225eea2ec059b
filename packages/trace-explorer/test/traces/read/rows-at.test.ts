import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { rowsAt } from '../../../src/traces/read/rows-at.ts';

t.test('rows are read by their places, near ones together and far ones apart', async (t) => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  t.teardown(() => {
    connection.closeSync();
    instance.closeSync();
  });
  await connection.run('CREATE TABLE spans AS SELECT i * 2 AS _seq, i AS value FROM range(10000) t(i)');
  const read = async (sequences: readonly number[]) => {
    const { value } = (
      await connection.runAndReadAll(`SELECT value FROM ${rowsAt(sequences)} ORDER BY value`)
    ).getColumnsObjectJS();
    return value?.map(Number) ?? [];
  };
  t.same(await read([]), []);
  t.same(await read([12]), [6]);
  t.same(await read([18_000, 10, 2, 10, 4000, 2050]), [1, 5, 1025, 2000, 9000], 'in any order, each once');
  t.same(await read([4, 5, 8, 30_000]), [2, 4], 'places without a row have none');
  t.equal(rowsAt([10, 2, 9000]).match(/BETWEEN/g)?.length, 2);
});
