import t from 'tap';
import { client, sentences, server } from '../make-span.ts';

const request = (names: readonly string[], pause = 0) => [
  server('root', '', 0, 400, { name: 'GET /page' }),
  ...names.map((name, i) =>
    client(`call ${i}`, 'root', 10 + i * (100 + pause), 110 + i * (100 + pause), { name }),
  ),
];
const NAMES = ['GET /users', 'GET /prices', 'shop.Cart/GetCart'];

t.test('three calls that read and follow each other at once could go side by side', async (t) => {
  t.strictSame(sentences(request(NAMES)), [
    'sequential-calls: 3 calls of GET /page ran one after the other for 300 ms: GET /users, GET /prices and shop.Cart/GetCart; side by side they would take 100 ms',
  ]);
});

t.test('with work in between, with calls that write, or of two nothing is said', async (t) => {
  t.strictSame(
    sentences(request(NAMES, 15)).filter((each) => each.startsWith('sequential')),
    [],
  );
  t.strictSame(
    sentences(request(['GET /users', 'POST /orders', 'GET /prices'])).filter((each) =>
      each.startsWith('sequential'),
    ),
    [],
  );
  t.strictSame(
    sentences(request(NAMES.slice(1))).filter((each) => each.startsWith('sequential')),
    [],
  );
});

/** Statements of a request, each after what its driver did with the pool before. */
function statements(tables: readonly string[], more: { size?: number; once?: boolean } = {}) {
  const { size = 4, once = false } = more;
  return [
    server('root', '', 0, 400, { name: 'GET /page' }),
    ...tables.flatMap((table, i) => {
      const at = 10 + 101 * i;
      const own = { isDatabase: true, statement: i + 1, shape: `SELECT ${table} 1f3a9c0${i}` };
      return [
        ...(once && i > 0
          ? []
          : [
              client(`wait ${i}`, 'root', at, at + 0.5, {
                name: 'pg-pool.connect',
                isDatabase: true,
                poolSize: size,
              }),
            ]),
        client(`sql ${i}`, 'root', at + 0.5, at + 100, { name: 'pg.query:SELECT shop', ...own }),
      ];
    }),
  ];
}
const inTurn = (spans: Parameters<typeof sentences>[0]) =>
  sentences(spans).filter((each) => each.startsWith('sequential'));

t.test('statements that read different tables over a pool could run side by side', async (t) => {
  t.strictSame(inTurn(statements(['users', 'prices', 'stock'])), [
    'sequential-calls: 3 calls of GET /page ran one after the other for 299 ms: SELECT users, SELECT prices and SELECT stock; side by side they would take 99.5 ms',
  ]);
});

t.test('statements that say themselves that each took a connection of a pool could, too', async (t) => {
  const own = (sizes: readonly number[]) =>
    statements(['users', 'prices', 'stock'])
      .filter(({ spanId }) => !spanId.startsWith('wait'))
      .map((each, at) => ({ ...each, poolSize: sizes[at - 1] ?? 0 }));
  t.match(inTurn(own([4, 4, 4])), [/^sequential-calls: 3 calls of GET /]);
  t.strictSame(inTurn(own([4, 0, 0])), [], 'one client');
  t.strictSame(inTurn(own([1, 1, 1])), [], 'a pool of one');
});

t.test('nothing is said of statements that need one connection, or may', async (t) => {
  const tables = ['users', 'prices', 'stock'];
  t.strictSame(inTurn(statements(tables, { once: true })), [], 'one client, as of a transaction');
  t.strictSame(inTurn(statements(tables, { size: 1 })), [], 'a pool of one');
  t.strictSame(inTurn(statements(tables, { size: 0 })), [], 'a pool that nobody knows, or none');
  t.strictSame(inTurn(statements(['users', 'prices', 'users'])), [], 'a table twice');
  const changed = statements(tables).map((each) =>
    each.spanId === 'sql 1' ? { ...each, shape: 'UPDATE prices 1f3a9c01' } : each,
  );
  t.strictSame(inTurn(changed), [], 'a change between');
});
