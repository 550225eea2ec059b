import t from 'tap';
import { rankedRows, weightedQuantile } from '../../../../src/core/query/compile/weighted-quantile.ts';
import { firstField } from '../../../../src/core/store/read/field-sql.ts';
import { rowsAt } from '../../../../src/core/store/read/rows-at.ts';
import { trafficSql } from '../../../../src/core/traces/read/traffic-sql.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';

const SOURCE = `(SELECT 'shop' AS service, 'GET' AS route, i % 2 = 0 AS error, i::DOUBLE AS duration, 1.0 + i AS weight
    FROM range(10) AS r(i))`;

t.test('SQL that is built from a list is right for none, one and two', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{}, {}]);
  const rows = async (sql: string) => (await store.read(sql)).rows.length;
  for (const keys of [[], ['service'], ['service', 'route']]) {
    const by = keys.length === 0 ? '' : ` GROUP BY ${keys.join(', ')}`;
    for (const weighted of [false, true]) {
      const what = `${keys.length} keys, ${weighted ? 'with' : 'without'} weights`;
      const { columns, total, from, bySets } = trafficSql(weighted, [0.5, 0.95]);
      t.equal(await rows(`SELECT ${columns}, ${total} FROM ${from(SOURCE, keys)}${by}`), 1, what);
      t.equal(await rows(bySets(SOURCE, keys, [keys])), 1, `${what}, one set`);
      if (keys.length > 0) t.equal(await rows(bySets(SOURCE, keys, [keys, []])), 2, `${what}, two sets`);
    }
    const ranked = rankedRows(SOURCE, { value: 'duration', weight: 'weight', keys });
    t.equal(await rows(`SELECT ${weightedQuantile('duration', 0.5)} FROM ${ranked}${by}`), 1);
  }
  for (const names of [[], ['name'], ['name', 'service.name'], ['no such field']])
    t.equal(await rows(`SELECT ${firstField(store.fields(), ...names)} FROM spans`), 2, names.join());
  const sequences = (await store.read('SELECT _seq FROM spans')).rows.map(([seq]) => Number(seq));
  for (const count of [0, 1, 2]) {
    t.equal(await rows(`SELECT * FROM ${rowsAt(sequences.slice(0, count))}`), count);
    const scopes = (await store.read('SELECT id FROM scopes')).rows.map(([id]) => Number(id));
    t.equal((await store.scopes(scopes.slice(0, count))).size, Math.min(count, scopes.length));
  }
});
