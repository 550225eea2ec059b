import t from 'tap';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { placeText } from '../../../src/core/traces/model/code-place.ts';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();
const SERVER = 2;
const CLIENT = 3;
type Stored = Parameters<typeof storeSpans>[1][number];

/** Where a call is made, as telemetry writes it. */
const lineAt = (file: string, line: number, called?: string) => ({
  'code.file.path': file,
  'code.line.number': line,
  ...(called !== undefined && { 'code.function.name': called }),
});

/** A request of a server without routes, and calls of equal names one after the other, each for some milliseconds. */
function request(n: number, path: string, count: number, ms: number, call: (i: number) => Partial<Stored>) {
  const traceId = id(`trace ${n}`, 16);
  const root = { traceId, spanId: id(`root ${n}`), service: 'app', start: at(n) };
  return [
    { ...root, name: 'GET', kind: SERVER, durationMs: count * ms + 2, attributes: { 'url.path': path } },
    ...Array.from({ length: count }, (_, i): Stored => {
      const start = at(n) + BigInt(1 + i * ms) * 1_000_000n;
      const own = { spanId: id(`call ${n} ${i}`), parentSpanId: root.spanId, start, durationMs: ms };
      return { ...root, name: 'pg.query:SELECT shop', kind: CLIENT, ...own, ...call(i) };
    }),
  ] as Stored[];
}

const sql = (text: string, more: object = {}) => ({
  attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'db.query.text': text, ...more },
});

async function explorerWith(t: Parameters<typeof temporaryExplorer>[0], spans: readonly Stored[]) {
  const explorer = await temporaryExplorer(t);
  await storeSpans(explorer.store, spans);
  const read = async () => ((await explorer.get('/api/causes')).body as { causes: Cause[] }).causes;
  return { ...explorer, read };
}

t.test(
  'faults of statements with equal names are causes of their own, each with its line and route',
  async (t) => {
    const { read, get } = await explorerWith(t, [
      ...[0, 1].flatMap((n) =>
        request(n, '/posts', 8, 4, (i) =>
          sql('select name from authors where id = $1', lineAt('src/shop.js', 6, `f${i && ''}`)),
        ),
      ),
      ...[2, 3, 4].flatMap((n) =>
        request(n, '/coupons', 8, 4, () =>
          sql('select 1 from uses where code = $1', lineAt('src/shop.js', 7, 'g')),
        ),
      ),
      ...[5].flatMap((n) =>
        request(n, '/a', 1, 250, () => sql('select * from ratings', lineAt('src/shop.js', 8, 'a'))),
      ),
      ...[6, 7].flatMap((n) =>
        request(n, '/b', 1, 300, () => sql('select * from audit', lineAt('src/shop.js', 9, 'b'))),
      ),
    ]);
    const causes = await read();
    t.same(
      causes
        .map(({ short_example = '', traces, ...place }) => [
          short_example.slice(0, 42),
          placeText(place),
          traces,
        ])
        .sort(),
      [
        ['SELECT audit took 300 ms, 99 % of GET /b', 'src/shop.js:9', 2],
        ['SELECT authors was called 8 times in a row', 'src/shop.js:6', 2],
        ['SELECT ratings took 250 ms, 99 % of GET /a', 'src/shop.js:8', 1],
        ['SELECT uses was called 8 times in a row by', 'src/shop.js:7', 3],
      ],
    );
    t.same(causes.map(({ short }) => short).sort(), [
      'SELECT audit is slow',
      'SELECT authors is called many times by one request',
      'SELECT ratings is slow',
      'SELECT uses is called many times by one request',
    ]);
    for (const { id, traces, sentence, name } of causes) {
      t.equal(name, 'pg.query:SELECT shop', 'the name of the span stays');
      t.match((await get(`/api/causes/${id}`)).body, { cause: { id }, sentence });
      t.equal((await get(`/api/causes/${id}/traces`)).body.traces.length, traces);
    }
  },
);

t.test(
  'loops over one statement are told apart by file and function, else by route, and never by line',
  async (t) => {
    const text = 'select name from authors where id = $1';
    const loop = (n: number, path: string, code: object) => request(n, path, 8, 4, () => sql(text, code));
    const { read } = await explorerWith(t, [
      ...loop(0, '/f', lineAt('src/a.js', 6, 'first')),
      ...loop(1, '/g', lineAt('src/a.js', 9, 'first')),
      ...loop(2, '/g', lineAt('src/a.js', 9, 'second')),
      ...loop(3, '/users/7', lineAt('src/b.js', 1)),
      ...loop(4, '/users/8', {}),
      ...loop(5, '/orders', {}),
    ]);
    t.same(
      (await read()).map(({ traces }) => traces).sort(),
      [1, 1, 2, 2],
      'first, second, /users/:id, /orders',
    );
  },
);

t.test('calls of one method to several paths of a host are told apart, without ids', async (t) => {
  const call = (path: string) => (i: number) => ({
    name: 'GET',
    attributes: { 'url.full': `http://stock:80${path}/${i}`, 'server.address': 'stock' },
  });
  const slow = (n: number, path: string) => request(n, '/', 1, 300, call(path));
  const { read, get } = await explorerWith(t, [
    ...slow(0, '/items'),
    ...slow(1, '/items'),
    ...slow(2, '/prices'),
  ]);
  const causes = await read();
  t.same(causes.map(({ short, traces }) => [short, traces]).sort(), [
    ['GET stock:80/items/:id is slow', 2],
    ['GET stock:80/prices/:id is slow', 1],
  ]);
  for (const { id } of causes) {
    const { cause, query } = (await get(`/api/causes/${id}`)).body;
    t.match(query.filters[3].value, /^stock:80\/(?:items|prices)$/, cause.short);
  }
});

t.test('of many statements with one name five causes are told, and the rest as one', async (t) => {
  const { read, get } = await explorerWith(
    t,
    Array.from({ length: 9 }, (_, n) =>
      request(n, '/', 1, 300 + 10 * n, () => sql(`select * from tenant${n}`)),
    ).flat(),
  );
  const causes = await read();
  t.equal(causes.length, 6);
  const rest = causes.find(({ sentence }) => /more/.test(sentence));
  t.match(rest, { short: 'SELECT tenant3 is slow, and 3 more statements', traces: 4, lost_ms: 1260 });
  t.match(rest?.example, /^SELECT tenant3 of app took 330 ms.*, and 3 more statements$/);
  t.match((await get(`/api/causes/${rest?.id}`)).body, { cause: { id: rest?.id } });
});

t.test('a bulk insert is one statement, however many rows it has', async (t) => {
  const rows = (count: number) =>
    `insert into "log" (a, b) values ${Array(count).fill('($1, $2)').join(', ')}`;
  const { read } = await explorerWith(
    t,
    [1, 2, 30].flatMap((count, n) => request(n, '/', 1, 300, () => sql(rows(count)))),
  );
  t.match(await read(), [{ short: 'INSERT log is slow', traces: 3 }]);
});

t.test('the words of a statement are its operation and its table, where it names one plainly', async (t) => {
  const cases = [
    ['SELECT * FROM "public"."Users" WHERE id = ?', 'SELECT public.Users is slow'],
    [
      'select extract(year from made), (select max(a) from b where (c = (1))) from `orders` o',
      'SELECT orders is slow',
    ],
    ['select * from (select 1) as x', 'pg.query:SELECT shop is slow'],
    ['select * from generate_series(1, 3)', 'pg.query:SELECT shop is slow'],
    ['with x as (select 1) select * from x', 'pg.query:SELECT shop is slow'],
    ['UPDATE ONLY [stock] SET n = 1', 'UPDATE stock is slow'],
    ['delete from carts', 'DELETE carts is slow'],
    ['insert into visits(a) values (1)', 'INSERT visits is slow'],
    ['SELECT a.id, count(*) FROM shop', 'pg.query:SELECT shop is slow'],
  ] as const;
  const of = (text: string, n: number) => request(n, '/', 1, 300, () => sql(text));
  const { read } = await explorerWith(
    t,
    cases.flatMap(([text], n) => of(text, n).map((span) => ({ ...span, service: `app${n}` }))),
  );
  const said = new Map((await read()).map(({ service, short }) => [service, short]));
  for (const [n, [text, short]] of cases.entries()) t.equal(said.get(`app${n}`), short, text);
});
