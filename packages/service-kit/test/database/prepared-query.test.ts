import t from 'tap';
import type * as preparedQuery from '../../src/database/prepared-query.ts';
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

t.test('a name means the same statement in every process, whatever else was prepared there', async (t) => {
  const { db, close } = openDatabase<Schema>({ file: ':memory:' });
  t.teardown(close);
  const bySize = db.selectFrom('things').select('name').orderBy('size');
  const byName = db.selectFrom('things').select('name').orderBy('name');
  const [one, other] = await Promise.all(['one', 'other'].map(loadAsIn));
  if (one === undefined || other === undefined) return;
  one.prepareQuery(db, () => bySize);
  one.prepareQuery(db, () => byName);
  other.prepareQuery(db, () => byName);
  const { sql } = byName.compile();
  t.match(one.preparedName(sql), /^\w{20,63}$/);
  t.equal(one.preparedName(sql), other.preparedName(sql));
  t.not(one.preparedName(sql), one.preparedName(bySize.compile().sql));
});

/** The module as another process has it. */
function loadAsIn(process: string): Promise<typeof preparedQuery> {
  return import(`${import.meta.resolve('../../src/database/prepared-query.ts')}?${process}`);
}
