import t from 'tap';
import { prepareQuery } from '../../src/database/prepared-query.ts';
import { openDatabase } from '../../src/traced/open-database.ts';

interface Schema {
  things: { name: string; size: number };
}

t.test('a prepared query binds the values of each run, in whichever order the text has them', async (t) => {
  const database = openDatabase<Schema>({ file: ':memory:' });
  t.teardown(() => database.close());
  await database.db.schema
    .createTable('things')
    .addColumn('name', 'text')
    .addColumn('size', 'integer')
    .execute();
  await database.db
    .insertInto('things')
    .values([1, 2, 3, 4].map((size) => ({ name: `t${size}`, size })))
    .execute();
  const between = prepareQuery<Schema, { low: number; high: number; limit: number }, { name: string }>(
    database.db,
    (value) =>
      database.db
        .selectFrom('things')
        .select('name')
        .where('size', '<=', value('high'))
        .where('size', '>=', value('low'))
        .where('name', '!=', 't3')
        .orderBy('size')
        .limit(value('limit')),
  );
  t.same(await between({ low: 2, high: 4, limit: 9 }), [{ name: 't2' }, { name: 't4' }]);
  t.same(await between({ low: 1, high: 4, limit: 1 }), [{ name: 't1' }]);
});
