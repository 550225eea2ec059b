import t from 'tap';
import { buildTree } from '../../../../src/core/traces/tree/tree.ts';
import { at, ids } from '../../../explorer.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';
import { client, findingsIn, sentences, server, span } from '../make-span.ts';
import { storedFindings } from './stored-findings.ts';

const request = (calls: readonly (readonly [from: number, to: number])[], name = 'GET /api/users') => [
  server('root', '', 0, 300, { name: 'GET /home', service: 'api' }),
  span('load', 'root', 1, 299, { name: 'home-activities-data' }),
  ...calls.map(([from, to], i) => client(`call ${i}`, 'load', from, to, { name, call: i + 1 })),
];
const inRow = (count: number) => Array.from({ length: count }, (_, i) => [10 + 40 * i, 40 + 40 * i] as const);

t.test('seven calls in a row are one finding, with what one call would save', async (t) => {
  t.strictSame(sentences(request(inRow(7))), [
    'repeated-call: GET /api/users was called 7 times in a row by home-activities-data; one call for all would save up to 180 ms',
  ]);
});

t.test('concurrent calls are found too, and calls within a span that only wraps them', async (t) => {
  const sameTime = Array.from({ length: 6 }, (_, i) => [10 + i, 60 + i] as const);
  t.match(sentences(request(sameTime)), [/called 6 times at the same time by home-activities-data/]);
  const wrapped = [
    server('root', '', 0, 100, { name: 'GET /home' }),
    ...[1, 2, 3, 4, 5].flatMap((i) => [
      span(`one ${i}`, 'root', 10 * i, 10 * i + 9, { name: 'load one' }),
      client(`call ${i}`, `one ${i}`, 10 * i, 10 * i + 8, { name: 'SELECT users' }),
    ]),
  ];
  t.match(sentences(wrapped), [/^repeated-call: SELECT users was called 5 times in a row by GET \/home/]);
});

t.test('four short calls are no loop, and of a method alone nobody knows what it calls', async (t) => {
  const short = inRow(4).map(([from]) => [from, from + 15] as const);
  t.notMatch(sentences(request(short)).join(), 'repeated-call');
  for (const name of ['GET', 'HTTP GET', 'get', '\n']) t.strictSame(sentences(request(inRow(7), name)), []);
  const known = request(inRow(7), 'GET').map((span) => ({ ...span, target: 'users:4568/api/users' }));
  t.match(sentences(known), [/^repeated-call: GET users:4568\/api\/users was called 7 times in a row/]);
});

for (const [form, name, isAnswered, said] of [
  ['a server that sends no spans', 'GET', false, 'GET 127.0.0.1:3001/v1/users/:id/cart'],
  [
    'a server that sends no spans, by an older SDK',
    'HTTP GET',
    false,
    'HTTP GET 127.0.0.1:3001/v1/users/:id/cart',
  ],
  ['a server without routes', 'GET', true, 'GET /v1/users/:id/cart of users'],
] as const)
  t.test(`calls to ${form} are one operation where their addresses differ in ids alone`, async (t) => {
    const calls = (addressOf: (i: number) => string) =>
      inRow(6).flatMap(([from, to], i) => [
        client(`call ${i}`, 'root', from, to, { name, call: i + 1, target: addressOf(i) }),
        ...(isAnswered
          ? [server(`served ${i}`, `call ${i}`, from, to, { name: 'GET', service: 'users' })]
          : []),
      ]);
    const loops = (addressOf: (i: number) => string) =>
      sentences([server('root', '', 0, 300, { name: 'GET /home' }), ...calls(addressOf)]).filter((each) =>
        each.startsWith('repeated-call'),
      );
    t.match(
      loops((i) => `127.0.0.1:3001/v1/users/${i}/cart`),
      [`repeated-call: ${said} was called 6 times in a row`],
    );
    const words = ['cart', 'price', 'stock', 'user', 'rate', 'tax'];
    t.strictSame(
      loops((i) => `127.0.0.1:3001/v1/${words[i]}`),
      [],
      'of other resources',
    );
    if (!isAnswered)
      t.strictSame(
        loops((i) => `127.0.0.${i}:3001/v1/users/7/cart`),
        [],
        'of other servers',
      );
  });

t.test('calls of other addresses with one route at the server are one operation', async (t) => {
  const calls = inRow(5).flatMap(([from, to], i) => [
    client(`call ${i}`, 'root', from, to, { name: `GET /users/${i}`, call: i + 1 }),
    server(`served ${i}`, `call ${i}`, from, to, { name: 'GET /users/{id}', service: 'users' }),
  ]);
  t.match(sentences([server('root', '', 0, 300), ...calls]), [
    /GET \/users\/\{id\} of users was called 5 times in a row/,
  ]);
});

t.test('statements of one name and different text are different calls', async (t) => {
  const statements = (same: boolean) => [
    server('root', '', 0, 300, { name: 'GET /home' }),
    ...inRow(6).map(([from, to], i) =>
      client(`sql ${i}`, 'root', from, to, {
        name: 'SELECT users',
        isDatabase: true,
        statement: same ? 1 : i + 1,
      }),
    ),
  ];
  t.match(sentences(statements(true)), [/^repeated-call: SELECT users was called 6 times/]);
  t.strictSame(sentences(statements(false)), []);
});

t.test('a loop that costs nothing is not said', async (t) => {
  const short = Array.from({ length: 6 }, (_, i) => [10 + i, 10.05 + i] as const);
  t.notMatch(sentences(request(short)).join(), 'repeated-call');
});

t.test('calls of one route at different services are different operations', async (t) => {
  const calls = (services: readonly string[]) => [
    server('root', '', 0, 300, { name: 'GET /password' }),
    ...inRow(services.length).flatMap(([from, to], i) => [
      client(`call ${i}`, 'root', from, to, { name: 'GET', call: i + 1 }),
      server(`served ${i}`, `call ${i}`, from, to, { name: 'GET /', service: services[i] ?? '' }),
    ]),
  ];
  t.strictSame(sentences(calls(['upper', 'lower', 'digit', 'upper', 'lower', 'digit'])), []);
  t.match(sentences(calls(Array(6).fill('upper'))), [/^repeated-call: GET \/ of upper was called 6 times/]);
});

t.test('three calls are enough where they take much of their caller', async (t) => {
  const checkout = (calls: number, length: number) => [
    server('root', '', 0, 400, { name: 'POST /checkout' }),
    ...Array.from({ length: calls }, (_, i) =>
      client(`call ${i}`, 'root', 10 + 100 * i, 10 + length + 100 * i, { name: 'POST /item', call: i + 1 }),
    ),
  ];
  t.match(sentences(checkout(3, 80)), [/POST \/item was called 3 times in a row .* save up to 160 ms/]);
  t.notMatch(sentences(checkout(3, 20)).join(), 'repeated-call');
  t.strictSame(sentences(checkout(2, 150)), []);
});

t.test('calls that write to one address differ in what they send', async (t) => {
  const calls = (name: string) => [
    server('root', '', 0, 300, { name: 'POST /checkout' }),
    ...inRow(5).map(([from, to], i) => client(`call ${i}`, 'root', from, to, { name, call: 7 })),
  ];
  t.match(sentences(calls('POST /items')), [/^repeated-call: POST \/items was called 5 times in a row/]);
  t.match(sentences(calls('GET /items')), [/^same-call-twice: GET \/items was called 5 times/]);
});

t.test('statements are calls where their library does not say CLIENT', async (t) => {
  const id = ids();
  const store = await temporaryStore(t);
  const trace = (name: string, kind: number, text: (i: number) => string) => [
    { traceId: id(name, 16), spanId: id(name), service: 'shop', name, kind: 2, start: at(0), durationMs: 90 },
    ...Array.from({ length: 6 }, (_, i) => ({
      traceId: id(name, 16),
      parentSpanId: id(name),
      service: 'shop',
      name: 'query',
      kind,
      start: at(1 + 10 * i),
      durationMs: 9,
      attributes: { 'db.system': 'mysql', 'db.statement': text(i) },
    })),
  ];
  const oneRow = (i: number) => `SELECT name FROM users WHERE id = ${i}`;
  await storeSpans(store, [
    ...trace('internal', 1, oneRow),
    ...trace('unspecified', 0, oneRow),
    ...trace('different', 1, (i) => `SELECT name FROM table_of_${'abcdef'[i]}`),
  ]);
  const found = await storedFindings(store);
  const rules = (name: string) => found.get(id(name, 16))?.map(({ rule }) => rule);
  t.strictSame(rules('internal'), ['repeated-call']);
  t.strictSame(rules('unspecified'), ['repeated-call']);
  t.strictSame(rules('different'), []);
});

t.test('a name that stands for every path says nothing about what was called', async (t) => {
  t.strictSame(sentences(request(inRow(7), 'users.svc.cluster.local:80/*')), []);
  const proxied = inRow(7).flatMap(([from, to], i) => [
    client(`call ${i}`, 'root', from, to, { name: `GET /step/${i}`, call: i + 1 }),
    server(`served ${i}`, `call ${i}`, from, to, {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a template that nobody filled in is the point
      name: 'ingress: ${method} ${host}${path}',
      service: 'proxy',
    }),
  ]);
  t.strictSame(sentences([server('root', '', 0, 300), ...proxied]), []);
});

t.test('calls that save less than a hundredth of their caller are no loop', async (t) => {
  const renewals = Array.from({ length: 8 }, (_, i) => [10 + 500 * i, 10.5 + 500 * i] as const);
  const spans = renewals.map(([from, to], i) =>
    client(`call ${i}`, 'root', from, to, { name: 'RenewLease' }),
  );
  t.strictSame(sentences([span('root', '', 0, 4000), ...spans]), []);
});

t.test('calls that save less than a hundredth of the request are no loop either', async (t) => {
  const short = Array.from({ length: 6 }, (_, i) => [10 + i, 10.4 + i] as const);
  const spans = (whole: number) => [
    server('root', '', 0, whole, { name: 'GET /home' }),
    span('load', 'root', 1, 60),
    ...short.map(([from, to], i) => client(`call ${i}`, 'load', from, to, { name: 'GET users' })),
  ];
  t.strictSame(
    sentences(spans(1_092)).filter((each) => each.startsWith('repeated')),
    [],
  );
  t.match(sentences(spans(100)), [/^repeated-call: GET users was called 6 times in a row by load/]);
});

t.test('how calls follow each other is said of neighbours', async (t) => {
  const ofTimes = (...times: (readonly [number, number])[]) => sentences(request(times)).join();
  const beside = [10, 90] as const;
  t.match(ofTimes(beside, ...inRow(12).map(([from]) => [from / 2 + 10, from / 2 + 28] as const)), 'in a row');
  t.match(
    ofTimes(...inRow(6).flatMap(([from, to]) => [[from, to] as const, [from + 1, to] as const])),
    'partly at',
  );
  t.match(
    ofTimes(...inRow(6).map(([from]) => [from, from + 41] as const)),
    'in a row',
    'a clock is not so exact',
  );
});

t.test('spans without a kind are calls where they have an address, beside their caller', async (t) => {
  const unmarked = (service: string, call: number) => [
    server('root', '', 0, 300, { name: 'GET /home' }),
    ...inRow(6).map(([from, to], i) =>
      span(`call ${i}`, 'root', from, to, {
        name: 'GET users',
        kind: 'unspecified',
        call: call && call + i,
        service,
      }),
    ),
  ];
  t.match(sentences(unmarked('api', 1)), [/^repeated-call: GET users was called 6 times in a row/]);
  t.strictSame(sentences(unmarked('api', 0)), []);
  t.strictSame(sentences(unmarked('users', 1)), []);
});

t.test('calls of a model are no loop where an agent uses tools between them', async (t) => {
  const loop = (tools: boolean) => [
    client('agent', '', 0, 900, { name: 'invoke_agent', isGenerative: true }),
    ...inRow(7).flatMap(([from, to], i) => [
      client(`chat ${i}`, 'agent', from, to, { name: 'chat', isGenerative: true }),
      ...(tools ? [span(`tool ${i}`, 'agent', to, to + 9, { name: 'execute_tool' })] : []),
    ]),
  ];
  t.match(sentences(loop(false)), [/^repeated-call: chat was called 7 times in a row by invoke_agent/]);
  t.strictSame(sentences(loop(true)), []);
});

t.test('failed calls are not for one call', async (t) => {
  const failed = inRow(7).flatMap(([from, to], i) => [
    client(`call ${i}`, 'root', from, to, { name: 'GET /step', call: i + 1, error: true, statusCode: '500' }),
    server(`served ${i}`, `call ${i}`, from, to, { name: 'GET /step', error: true, statusCode: '500' }),
    client(`data ${i}`, `served ${i}`, from, to, { name: 'Get', error: true, statusCode: '14' }),
  ]);
  const found = sentences([server('root', '', 0, 300), ...failed]);
  t.match(found, [/^no-answer: Nobody answered 7 calls of Get/]);
  t.notMatch(found.join(), 'repeated-call');
});

t.test('calls with others between are not in a row', async (t) => {
  const mixed = [
    server('root', '', 0, 600, { name: 'GET /home' }),
    ...inRow(7).flatMap(([from], i) => [
      client(`one ${i}`, 'root', from, from + 20, { name: 'GET /api/users', call: i + 1 }),
      client(`two ${i}`, 'root', from + 20, from + 35, { name: 'GET /api/items', call: 10 + i }),
    ]),
  ];
  t.match(sentences(mixed), [
    /GET \/api\/users was called 7 times with other calls between by GET \/home; one call/,
    /GET \/api\/items was called 7 times with other calls between by GET \/home; one call/,
  ]);
});

t.test('one call for all is advised only where there can be one', async (t) => {
  const database = { isDatabase: true };
  const migrations = (between: string) => [
    server('root', '', 0, 600, { name: 'POST /migrate' }),
    ...Array.from({ length: 13 }, (_, i) => [
      client(`ddl ${i}`, 'root', 30 * i, 30 * i + 9, { ...database, name: between }),
      client(`dml ${i}`, 'root', 30 * i + 10, 30 * i + 19, {
        ...database,
        name: 'DELETE migrations',
        statement: 1,
      }),
    ]).flat(),
  ];
  for (const change of ['DROP TABLE', 'CREATE TABLE users', 'alter table x'])
    t.notMatch(sentences(migrations(change)).join(), /repeated-call/);
  // A transaction around each statement is what a loop looks like.
  t.match(sentences(migrations('BEGIN')), [/DELETE migrations was called 13 times with other calls between/]);
  const inserts = (statement: number) => [
    server('root', '', 0, 300, { name: 'POST /orders' }),
    ...inRow(6).map(([from, to], i) =>
      client(`sql ${i}`, 'root', from, to, { ...database, name: 'INSERT shop', statement }),
    ),
  ];
  t.match(sentences(inserts(0)), [/in a row by POST \/orders; if all are of one table, one call for all/]);
  t.match(sentences(inserts(1)), [/in a row by POST \/orders; one call for all/]);
});

t.test('the advice is for what was called: a model answers one question a call', async (t) => {
  const calls = (name: string, options: Parameters<typeof client>[4], times = inRow(4)) => [
    server('root', '', 0, 300, { name: 'GET /ask' }),
    ...times.map(([from, to], i) => client(`call ${i}`, 'root', from, to, { name, call: i + 1, ...options })),
  ];
  const model = { isGenerative: true };
  const long = Array.from({ length: 4 }, (_, i) => [70 * i, 70 * i + 70] as const);
  const beside = long.map(([from, to]) => [from / 4, to] as const);
  const found = (...given: Parameters<typeof calls>) =>
    findingsIn(buildTree(calls(...given))).map(({ rule, sentence, advice }) => [
      rule,
      sentence.split('; ')[1],
      advice,
    ]);
  const advice = 'Start them together and wait for all, unless one needs the answer of another.';
  t.strictSame(found('chat m-1', model, long), [
    ['repeated-call', 'side by side they would save up to 210 ms', advice],
  ]);
  t.notMatch(found('chat m-1', model, beside).join(), 'repeated-call', 'they are side by side already');
  t.match(found('embeddings m-1', model, long), [['repeated-call', /^one call for all/, /^Make one call/]]);
  t.match(found('SELECT users', { isDatabase: true }, long), [
    ['repeated-call', /^one call for all/, /one statement, or join/],
  ]);
  t.match(found('POST /items', {}, long), [['repeated-call', /^one call for all/, /^Make one call/]]);
});

t.test('the connections of a loop are no second loop, and no calls between', async (t) => {
  for (const name of [
    'pg-pool.connect',
    'pg.connect',
    'connect',
    'redis-connect',
    'DataSource.getConnection',
    'sql.conn.reset_session',
    'pool.acquire',
  ]) {
    const request = (isQueried: boolean) =>
      sentences([
        server('root', '', 0, 300, { name: 'GET /home' }),
        ...Array.from({ length: 12 }, (_, i) => [
          client(`connect ${i}`, 'root', 10 + 20 * i, 16 + 20 * i, { name, isDatabase: true }),
          ...(isQueried
            ? [
                client(`sql ${i}`, 'root', 16 + 20 * i, 28 + 20 * i, {
                  name: 'SELECT users',
                  isDatabase: true,
                  statement: 1,
                }),
              ]
            : []),
        ]).flat(),
      ]);
    t.match(request(true), [/^repeated-call: SELECT users was called 12 times in a row by GET \/home/], name);
    const others = request(true).filter((each) => !each.startsWith('slow-connect'));
    t.equal(others.length, 1, name);
    t.notMatch(request(false).join(), 'repeated-call', 'nobody makes one connection for all');
  }
});

const listOf = (rows: number, query: (i: number) => object, rowName = (_: number) => 'render row') => [
  server('root', '', 0, 20 + 11 * rows, { name: 'GET /list' }),
  ...Array.from({ length: rows }, (_, i) => [
    span(`row ${i}`, 'root', 10 + i * 11, 20 + i * 11, { name: rowName(i) }),
    client(`sql ${i}`, `row ${i}`, 11 + i * 11, 19 + i * 11, {
      name: 'SELECT item',
      isDatabase: true,
      statement: 1,
      ...query(i),
    }),
    span(`template ${i}`, `row ${i}`, 19.5 + i * 11, 19.9 + i * 11, { name: 'template' }),
  ]).flat(),
];

t.test('equal statements below spans of their own are a loop of the request', async (t) => {
  const FOUND =
    'repeated-call: SELECT item was called 25 times one after the other by GET /list, each below a span of its own; one call for all would save up to 192 ms';
  t.strictSame(sentences(listOf(25, () => ({}))), [FOUND]);
  t.strictSame(
    sentences(
      listOf(
        25,
        () => ({}),
        (i) => `resolve item ${i}`,
      ),
    ),
    [FOUND],
    'of any name',
  );
  t.strictSame(sentences(listOf(9, () => ({}))), [], 'nine are not named');
  t.strictSame(sentences(listOf(25, (i) => ({ statement: i + 1 }))), [], 'different statements');
  t.strictSame(sentences(listOf(25, () => ({ statement: 0 }))), [], 'unknown statements');
  t.notMatch(sentences(listOf(25, () => ({ call: 3 }))).join(), 'repeated-call', 'with equal arguments');
  const long = [...listOf(25, () => ({})), span('render', 'root', 300, 1000)];
  t.notMatch(
    sentences(long.map((each) => (each.spanId === 'root' ? { ...each, duration: 1e9 } : each))).join(),
    'repeated-call',
    'a small share',
  );
});

const steps = (count: number, more: object = {}, top: object = {}) => [
  server('root', '', 0, 84 + count, { name: 'GET /page', ...top }),
  ...Array.from({ length: count }, (_, i) =>
    span(`step ${i}`, 'root', 20 + i, 20.85 + i, { name: 'fs.readFile', ...more }),
  ),
];

t.test('work of a request that is many equal small steps is named', async (t) => {
  t.strictSame(sentences(steps(280)), [
    'repeated-call: fs.readFile of api ran 280 times one after the other in GET /page, for 238 ms of 364 ms',
  ]);
  t.strictSame(sentences(steps(280, { kind: 'unspecified' })).length, 1);
  t.strictSame(sentences(steps(99)), [], 'fewer than a hundred');
  t.notMatch(
    sentences(steps(280, { duration: 300e3 })).join(),
    'repeated-call',
    'less than half of its request',
  );
  t.notMatch(sentences(steps(280, { duration: 4e6 })).join(), 'repeated-call', 'at the same time');
  t.notMatch(
    sentences(steps(280, { name: 'response stream' })).join(),
    'repeated-call',
    'a stream is open as long as it is read',
  );
  t.strictSame(sentences(steps(280, {}, { kind: 'internal' })), [], 'steps of a job, or of a run of tests');
});

t.test('pages of a table are no loop: all are equally full but the last', async (t) => {
  const read = (rows: readonly number[], more: object = {}) =>
    sentences([
      server('root', '', 0, 400, { name: 'GET /ledger.csv' }),
      ...rows.map((count, i) =>
        client(`page ${i}`, 'root', 10 + 20 * i, 28 + 20 * i, {
          ...{ name: 'SELECT ledger', isDatabase: true, statement: 1, call: i + 1, rows: count, ...more },
        }),
      ),
    ]).filter((each) => each.startsWith('repeated-call'));
  const pages = Array.from({ length: 12 }, () => 500);
  t.strictSame(read([...pages, 120]), []);
  t.strictSame(read([...pages, 0]), []);
  t.equal(read([...pages, 500]).length, 1, 'the last one is full');
  t.equal(read([500, 400, ...pages, 120]).length, 1, 'they differ');
  t.equal(read(pages.map(() => 0)).length, 1, 'a LIMIT alone proves nothing');
});
