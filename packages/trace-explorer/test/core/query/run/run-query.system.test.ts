import t from 'tap';
import type { FieldType } from '../../../../src/core/fields/field-type.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import type { TestRow } from './duckdb-source.ts';
import { duckdbSource } from './duckdb-source.ts';
import { BEGIN } from './oracle-data.ts';

t.test('series of too many points are refused with what to do', async (t) => {
  const time = BigInt(BEGIN) * 1_000_000_000n;
  const rows = Array.from({ length: 250_000 }, (_, i): TestRow => {
    return {
      time: time + BigInt(Math.floor(i / 250)) * 1_000_000_000n,
      dataset: 'a',
      fields: { n: i % 250 },
    };
  });
  const own = await duckdbSource(new Map<string, FieldType>([['n', 'integer']]), rows);
  t.teardown(() => own.close());
  const spec = parseQuery({
    start_time: BEGIN,
    time_range: 1000,
    granularity: 1,
    breakdowns: ['n'],
    limit: 1000,
  });
  await t.rejects(runQuery(own, 'a', spec), {
    status: 422,
    message: /more than 200000 points; choose a coarser/,
  });
  t.equal((await runQuery(own, 'a', spec, { disableSeries: true })).results.length, 250);
});
