import t from 'tap';
import { occurrencesOf } from '../../../../src/core/problems/occurrences.ts';
import { client, modelOf, sentences, server, span } from '../make-span.ts';

const request = (more: object, above: object = {}) => [
  server('root', '', 0, 100, { name: 'GET /home', service: 'api', ...above }),
  span('load', 'root', 1, 90, { service: 'api', name: 'load', ...above }),
  client('call', 'load', 10, 60, {
    name: 'GET /users',
    service: 'api',
    error: true,
    statusCode: '503',
    ...more,
  }),
  server('served', 'call', 12, 50, { name: 'GET /users', service: 'users', error: true, statusCode: '503' }),
];

t.test('an error that its request does not have was swallowed', async (t) => {
  t.strictSame(sentences(request({})), [
    'swallowed-error: GET /users of api failed with 503 because of users, and GET /home went on without an error',
  ]);
});

t.test('an answer that broke off in its body names the reason, and not its status', async (t) => {
  const broken = (more: object) => sentences(request({ statusCode: '200', ...more }).slice(0, 3)).join();
  const thrown = { exception: 'too late', exceptionType: 'TimeoutError' };
  t.match(broken(thrown), /^swallowed-error: GET \/users of api failed with TimeoutError, and GET \/home/);
  t.match(
    broken({ problem: 'timeout' }),
    /^swallowed-error: GET \/users of api failed with timeout, and GET \/home/,
  );
  t.match(
    broken({ ...thrown, exceptionType: 'Error' }),
    /^swallowed-error: GET \/users of api failed, and GET \/home/,
  );
});

t.test('an error that goes through is not, nor is one of the caller, such as 404', async (t) => {
  t.notMatch(sentences(request({}, { error: true })).join(), 'swallowed');
  t.notMatch(sentences(request({ statusCode: '404' })).join(), 'swallowed');
});

t.test('a try after which the same call succeeded was handled', async (t) => {
  const again = client('again', 'load', 60, 80, { name: 'GET /users', service: 'api' });
  t.notMatch(sentences([...request({}), again]).join(), 'swallowed');
});

t.test('a try within the service after which the same work succeeded was handled', async (t) => {
  const spans = [
    server('root', '', 0, 100, { name: 'GET /home' }),
    span('first', 'root', 1, 5, { name: 'acquire', error: true }),
    span('second', 'root', 6, 10, { name: 'acquire' }),
  ];
  t.strictSame(sentences(spans), []);
  t.match(sentences(spans.slice(0, 2)), [/^swallowed-error: acquire of api failed/]);
});

const REFUSED = ['400', '401', '403', '404', '409', '422', '429'];

t.test('an answer that blames the caller tells of a statement that failed, and of a check', async (t) => {
  const insert = { isDatabase: true, statement: 1, name: 'INSERT', statusCode: '', problem: '23505' };
  const within = [
    insert,
    // SQLite's statements of some libraries have no kind of a call.
    { ...insert, kind: 'internal' },
    { kind: 'internal', name: 'verify token', statusCode: '', exception: 'jwt expired' },
    { kind: 'producer', name: 'publish orders', statusCode: '' },
  ];
  const orders = (statusCode: string, more: object) => [
    server('root', '', 0, 100, { name: 'POST /orders', statusCode }),
    span('handler', 'root', 1, 90, { name: 'handler' }),
    client('call', 'handler', 10, 60, { error: true, ...more }),
  ];
  for (const more of within) {
    for (const status of REFUSED) t.strictSame(sentences(orders(status, more)), [], status);
    for (const status of ['200', '201', '204', '302', ''])
      t.match(
        sentences(orders(status, more)),
        [/^swallowed-error: .+ of api failed.*, and POST \/orders went on without an error$/],
        status,
      );
  }
});

t.test('of another service it hides the failure: what it answered is said', async (t) => {
  for (const status of REFUSED) {
    const [root, ...below] = request({});
    t.strictSame(sentences([{ ...root, statusCode: status } as never, ...below]), [
      `swallowed-error: GET /users of api failed with 503 because of users, and GET /home answered ${status}`,
    ]);
  }
  // A status of gRPC that blames the caller: NOT_FOUND.
  t.match(sentences(request({}, { statusCode: '5' })), [/ and GET \/home answered 5$/]);
});

t.test('a message has no answer that tells of an error', async (t) => {
  const spans = [
    span('job', '', 0, 100, { kind: 'consumer', name: 'process orders', statusCode: '404' }),
    client('insert', 'job', 10, 60, { isDatabase: true, statement: 1, name: 'INSERT', error: true }),
  ];
  t.match(sentences(spans), [
    /^swallowed-error: INSERT of api failed, and process orders went on without an error$/,
  ]);
});

t.test('a test that passes has asked for the error', async (t) => {
  const asked = (name: string, isTestRunner = false) =>
    sentences([
      span('root', '', 0, 100, { service: 'api', name, isTestRunner }),
      client('call', 'root', 10, 60, { name: 'GET', service: 'api', error: true, statusCode: '500' }),
      server('served', 'call', 12, 50, {
        name: 'GET /users',
        service: 'api',
        error: true,
        statusCode: '500',
      }),
    ]).join();
  t.match(asked('load users'), /load users went on without an error/, 'a job has not');
  t.notMatch(asked('users.test.js › answers 500'), 'swallowed');
  t.notMatch(asked('vitest.test.runner.test.callback', true), 'swallowed');
});

/** An INSERT that failed, and then another statement of the request. */
const upsert = (refused: object, then: object, between: object = {}) =>
  sentences([
    server('root', '', 0, 100, { name: 'POST /upsert' }),
    span('save', 'root', 5, 40, { name: 'save', ...between }),
    client('insert', 'save', 10, 30, {
      ...{ isDatabase: true, statement: 1, name: 'pg.query:INSERT shop', shape: 'INSERT users 0123abcd' },
      ...{ error: true, ...refused },
    }),
    client('then', 'root', 50, 60, {
      ...{
        isDatabase: true,
        statement: 2,
        name: 'pg.query:UPDATE shop',
        shape: 'UPDATE users 4567abcd',
        ...then,
      },
    }),
  ]);

t.test('a row that is there already was expected by who then reads or changes it', async (t) => {
  const refusals = [
    { problem: "PostgreSQL error of type 'error' occurred (code: 23505)" },
    { statusMessage: 'duplicate key value violates unique constraint "users_pkey"' },
    ...['23505', '1062', 'ER_DUP_ENTRY', '2067', '1555', 'SQLITE_CONSTRAINT_UNIQUE', '2627', '2601'].map(
      (problem) => ({ problem }),
    ),
    { statusMessage: "Duplicate entry '1' for key 'PRIMARY'" },
    { statusMessage: 'UNIQUE constraint failed: users.id' },
    { exceptionType: 'psycopg2.errors.UniqueViolation', exception: 'Key (id)=(1) exists' },
  ];
  for (const refused of refusals) {
    t.strictSame(upsert(refused, {}), [], JSON.stringify(refused));
    t.strictSame(upsert(refused, { shape: 'SELECT Users 4567abcd' }), [], 'read');
  }
  const mongo = { shape: '', statement: 0 };
  t.strictSame(
    upsert({ ...mongo, name: 'insertOne users', problem: '11000' }, { ...mongo, name: 'updateOne users' }),
    [],
  );
  const passed = { error: true, exception: 'duplicate key value violates unique constraint' };
  t.strictSame(upsert({ problem: '23505' }, {}, passed), [], 'through a span of the app');
});

t.test('any other error of a statement is swallowed, and so is one that nothing follows', async (t) => {
  const swallowed = /^swallowed-error: .+ failed.*, and POST \/upsert went on without an error$/;
  t.match(upsert({ problem: '23503' }, {}), [swallowed], 'a reference');
  t.match(upsert({ problem: '40P01', statusMessage: 'deadlock detected' }, {}), [swallowed]);
  t.match(upsert({ problem: '23505' }, { shape: 'UPDATE orders 4567abcd' }), [swallowed], 'another table');
  t.match(upsert({ problem: '23505' }, { peer: 'archive' }), [swallowed], 'another database');
  t.match(upsert({ problem: '23505' }, { error: true, problem: '23505' }), [swallowed, swallowed]);
  t.match(upsert({ problem: '23505' }, { shape: '', name: 'UPDATE' }), [swallowed], 'nobody knows which');
  t.match(
    upsert({ problem: '23505' }, {}, { error: true, exception: 'no total' }),
    [swallowed],
    'more failed',
  );
});

t.test('a call that began before the first one failed is no second try', async (t) => {
  const beside = client('beside', 'load', 20, 70, { name: 'GET /users', service: 'api' });
  t.match(sentences([...request({}), beside]), [/^swallowed-error: GET \/users of api failed with 503/]);
  const after = client('after', 'load', 60, 80, { name: 'GET /users', service: 'api' });
  t.notMatch(sentences([...request({}), beside, after]).join(), 'swallowed', 'a third one began then');
});

t.test(
  'a call that was open when its process ended, after its request, is no error of anybody',
  async (t) => {
    const stream = (more: object, above: object = {}) => [
      server('root', '', 0, 100, { name: 'GET /export.csv', ...above }),
      client('sql', 'root', 10, 900, {
        name: 'pg.query',
        error: true,
        problem: 'process_ended',
        statusMessage: 'it was open',
        ...more,
      }),
    ];
    const causes = (...given: Parameters<typeof stream>) =>
      occurrencesOf(modelOf(stream(...given))).map(({ key }) => key.rule);
    t.strictSame(sentences(stream({})), []);
    t.strictSame(causes({}), []);
    t.match(sentences(stream({ problem: 'boom' })), [/^swallowed-error: pg.query of api failed/]);
    t.strictSame(causes({ problem: 'boom' }), ['error', 'error']);
    t.match(causes({}, { error: true, problem: 'process_ended' }), ['error'], 'its request was open, too');
  },
);
