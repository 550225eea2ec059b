import t from 'tap';
import { summarizeSql, withoutValues } from '../../../src/guest/published/sql-text.ts';

t.test('values are replaced, names and structure stay', async (t) => {
  const cases = [
    [
      "SELECT a1, `it's` FROM t2 WHERE b = 'secret' AND c > 12.5",
      "SELECT a1, `it's` FROM t2 WHERE b = ? AND c > ?",
    ],
    ["SET a = 'it''s \\' secret', b = \"sec'ret\"", 'SET a = ?, b = ?'],
    [
      "SELECT 1 /* don't */ FROM t # it's\nWHERE a = 'secret' -- that's all",
      'SELECT ?  FROM t \nWHERE a = ? ',
    ],
    ['INSERT INTO t VALUES (0xDEADBEEF, -1.5e+10, NULL)', 'INSERT INTO t VALUES (?, -?, NULL)'],
    ["SELECT 'cut off in the secret", 'SELECT ?'],
    ["SELECT 1 /* cut off in the 'secret'", 'SELECT ? '],
  ] as const;
  for (const [query, expected] of cases) t.equal(withoutValues(query), expected);
});

t.test('a long text that is cut off keeps no value', async (t) => {
  t.equal(withoutValues(`SELECT '${"\\'".repeat(1_000_000)}`), 'SELECT ?');
  t.equal(withoutValues('/* '.repeat(1_000_000)), '');
});

t.test('the summary has the operation and the tables, in their order', async (t) => {
  const cases = [
    ['select * from orders o join `shop`.`items` i on i.id = o.item', 'SELECT orders shop.items'],
    ['insert into carts (id) values (?) on duplicate key update id = 1', 'INSERT carts'],
    ['SELECT id FROM jobs FOR UPDATE SKIP LOCKED', 'SELECT jobs'],
    ['INSERT INTO carts (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = $1', 'INSERT carts'],
    [
      'MERGE INTO stock s USING sold o ON s.id = o.id WHEN MATCHED THEN UPDATE SET n = s.n - o.n',
      'MERGE stock',
    ],
    ['SELECT * FROM users WHERE name IS DISTINCT FROM $1', 'SELECT users'],
    ['SELECT extract(epoch FROM created_at), trim(both FROM name) FROM users', 'SELECT users'],
    ['UPDATE users SET name = ?', 'UPDATE users'],
    ['DELETE FROM users', 'DELETE users'],
    ['(SELECT 1) UNION (SELECT 2)', 'SELECT'],
    ['', 'QUERY'],
  ] as const;
  for (const [query, summary] of cases) t.equal(summarizeSql(query).summary, summary);
  t.equal(summarizeSql(`SELECT a FROM ${'x'.repeat(500)}`).summary.length, 255);
});
