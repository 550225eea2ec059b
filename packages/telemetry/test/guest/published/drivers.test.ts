import { tracingChannel } from 'node:diagnostics_channel';
import { SpanKind, trace } from '@opentelemetry/api';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';
import { createPool } from 'mysql2/promise';
import t from 'tap';
import { assertConventions } from '../../../../../test/helpers/conventions/assert-conventions.ts';
import { startRedisServer } from '../../../../../test/helpers/redis-server.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { LIBRARIES } from '../../../src/guest/libraries.ts';
import { COMMANDS } from '../../../src/guest/published/commands.ts';
import { traceDrivers } from '../../../src/guest/published/trace-drivers.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';
import { namesOf } from '../../readable-spans.ts';
import { startMysqlServer } from './mysql-server.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry({ serviceName: 'unit' });
const stop = traceDrivers();
t.teardown(async () => {
  stop();
  await telemetry.shutdown();
});
t.beforeEach(() => telemetry.reset());

/** The spans of drivers below a request. */
async function spansOf(commands: () => Promise<unknown>) {
  await withSpan('request', {}, commands);
  const spans = telemetry.spans();
  const request = spans.find(({ name }) => name === 'request');
  const driver = spans.filter((span) => span !== request);
  for (const span of driver) {
    t.equal(span.parentSpanContext?.spanId, request?.spanContext().spanId);
    t.equal(span.kind, 2, 'CLIENT');
  }
  assertConventions(spans);
  return driver;
}

t.test('Redis', async (t) => {
  const server = await startRedisServer();
  const ioredis = new Redis(server.port, '127.0.0.1');
  const nodeRedis = createClient({ socket: { host: '127.0.0.1', port: server.port } });
  await ioredis.ping();
  await nodeRedis.connect();
  t.teardown(() => {
    ioredis.disconnect();
    nodeRedis.destroy();
    server.close();
  });
  const drivers = {
    ioredis: {
      set: () => ioredis.set('user:1', 'secret'),
      increment: () => ioredis.incr('user:1'),
      script: () => ioredis.eval('return ARGV[1]', 1, 'user:1', 'secret'),
      multi: () => ioredis.multi().set('a', '1').get('a').exec(),
    },
    'node-redis': {
      set: () => nodeRedis.set('user:1', 'secret'),
      increment: () => nodeRedis.incr('user:1'),
      script: () => nodeRedis.eval('return ARGV[1]', { keys: ['user:1'], arguments: ['secret'] }),
      multi: () => nodeRedis.multi().set('a', '1').get('a').exec(),
    },
  };
  const target = `127.0.0.1:${server.port}`;
  for (const [name, driver] of Object.entries(drivers)) {
    t.test(`a script of ${name} is one span with its keys, without its text and its values`, async (t) => {
      const spans = await spansOf(driver.script);
      t.equal(spans.length, 1);
      t.equal(spans[0]?.name, `EVAL ${target}`);
      t.equal(String(spans[0]?.attributes['db.query.text']).toUpperCase(), 'EVAL ? 1 USER:1');
    });

    t.test(`a command of ${name} is a CLIENT span without its values`, async (t) => {
      const [span, ...more] = await spansOf(driver.set);
      t.equal(span?.name, `SET ${target}`);
      t.strictSame(span?.attributes, {
        'db.system.name': 'redis',
        'db.namespace': '0',
        'server.address': '127.0.0.1',
        'server.port': server.port,
        'db.operation.name': 'SET',
        'db.query.text': `${name === 'ioredis' ? 'set' : 'SET'} user:1 ?`,
      });
      t.same(more, []);
    });

    t.test(`an error of Redis ends the span of ${name} as failed`, async (t) => {
      const [span] = await spansOf(() => t.rejects(driver.increment()));
      t.match(span, {
        name: `INCR ${target}`,
        status: { code: 2, message: 'ERR value is not an integer or out of range' },
        attributes: { 'db.response.status_code': 'ERR', 'error.type': 'ERR' },
      });
    });

    t.test(`a transaction of ${name} is a span with the number of its commands`, async (t) => {
      const spans = await spansOf(driver.multi);
      const batch = spans.filter(({ attributes }) => 'db.operation.batch.size' in attributes);
      t.match(batch, [
        {
          name: `MULTI ${target}`,
          attributes: { 'db.operation.name': 'MULTI', 'db.operation.batch.size': 2 },
        },
      ]);
      t.equal(batch.length, 1);
    });
  }

  t.test('a command outside of a trace makes no span', async (t) => {
    await ioredis.get('user:1');
    t.same(telemetry.spans(), []);
  });
});

t.test('MySQL', async (t) => {
  const port = await startMysqlServer(t);
  const pool = createPool({ host: '127.0.0.1', port, user: 'shop', database: 'shop' });
  t.teardown(() => pool.end());

  t.test(
    'a query is a CLIENT span named by its summary, without the values that the driver put in',
    async (t) => {
      const [span] = await spansOf(() =>
        pool.query('SELECT * FROM orders WHERE customer = ? AND cents > ?', ["O'Brien", 1250]),
      );
      t.equal(span?.name, 'SELECT orders');
      t.strictSame(span?.attributes, {
        'db.system.name': 'mysql',
        'db.namespace': 'shop',
        'server.address': '127.0.0.1',
        'server.port': port,
        'db.operation.name': 'SELECT',
        'db.collection.name': 'orders',
        'db.query.summary': 'SELECT orders',
        'db.query.text': 'SELECT * FROM orders WHERE customer = ? AND cents > ?',
      });
    },
  );

  t.test('of many rows, the span of a query has the number', async (t) => {
    const [span] = await spansOf(() => pool.query('SELECT * FROM many'));
    t.equal(span?.attributes['db.response.returned_rows'], 150);
  });

  t.test('an error of MySQL ends the span as failed, with its number', async (t) => {
    const [span] = await spansOf(() => t.rejects(pool.query('SELECT * FROM missing')));
    t.match(span, {
      status: { code: 2 },
      attributes: { 'db.response.status_code': '1146', 'error.type': '1146' },
    });
  });
});

t.test('a prepared statement of MySQL keeps its text, and is a span while it runs', async (t) => {
  const query = 'insert into `orders` (cents) select 5 from baskets b join users u on u.id = ?';
  const channel = tracingChannel('mysql2:execute');
  const [span] = await spansOf(() =>
    channel.tracePromise(async () => {}, { query, values: ['secret'], database: '' }),
  );
  t.strictSame(span?.attributes, {
    'db.system.name': 'mysql',
    'db.operation.name': 'INSERT',
    'db.query.summary': 'INSERT orders baskets users',
    'db.query.text': query,
  });
});

t.test('mssql: its commands are CLIENT spans, with the server that the pool has connected to', async (t) => {
  const POOL = 7;
  const connects = { server: 'db.test', port: 1433, database: 'shop', poolId: POOL, poolConfig: { max: 10 } };
  await tracingChannel('mssql:connect').tracePromise(async () => {}, connects);
  /** Messages as mssql 12.7 publishes them → name and text of the span. */
  const messages = {
    'mssql:query': [
      { command: "select * from orders where id = @p1 and city = 'Bonn'", parameters: ['p1'] },
      'SELECT orders',
      'select * from orders where id = @p1 and city = ?',
    ],
    'mssql:batch': [{ command: 'create table #t (a int)' }, 'CREATE', 'create table #t (a int)'],
    'mssql:execute': [{ procedure: 'dbo.pay', parameters: ['id'] }, 'EXEC', 'EXEC dbo.pay'],
    'mssql:prepared-statement:execute': [
      { statement: 'update users set a = @a' },
      'UPDATE users',
      'update users set a = @a',
    ],
    'mssql:bulk': [{ table: 'orders', rowCount: 3 }, 'INSERT orders', 'INSERT INTO orders'],
  } as const;
  for (const [channel, [message, name, text]] of Object.entries(messages)) {
    telemetry.reset();
    const recordset = Array.from({ length: 150 }, () => ({}));
    const command = () =>
      tracingChannel(channel).tracePromise(async () => ({ recordset }), { ...message, poolId: POOL });
    const [span] = await spansOf(command);
    t.equal(span?.name, name, channel);
    t.match(
      span?.attributes,
      {
        'db.system.name': 'microsoft.sql_server',
        'db.namespace': 'shop',
        'db.query.text': text,
        'db.response.returned_rows': 150,
        'server.address': 'db.test',
        'server.port': 1433,
      },
      channel,
    );
  }
  telemetry.reset();
  const error = Object.assign(new Error("Invalid object name 'x'."), { code: 'EREQUEST', number: 208 });
  const fails = () =>
    tracingChannel('mssql:query').tracePromise(() => Promise.reject(error), { command: 'select 1 from x' });
  const [span] = await spansOf(() => t.rejects(fails()));
  t.match(span, { status: { code: 2 }, attributes: { 'db.response.status_code': '208' } });
});

/** A message of graphql 17, as `Executor` publishes it. */
const GRAPHQL = {
  operationType: 'query',
  operationName: 'Orders',
  document: {},
  rawVariableValues: { id: 7 },
};

t.test('a GraphQL operation is an INTERNAL span around what it does, at once and later', async (t) => {
  const channel = tracingChannel('graphql:execute');
  const runs = {
    sync: () => channel.traceSync(() => withSpan('resolver', {}, () => ({})), { ...GRAPHQL }),
    promise: () =>
      channel.tracePromise(async () => withSpan('resolver', {}, async () => ({})), { ...GRAPHQL }),
  };
  for (const [name, run] of Object.entries(runs)) {
    telemetry.reset();
    let isLeft = false;
    await withSpan('request', {}, async (request) => {
      const result = run();
      isLeft = trace.getActiveSpan() === request;
      await result;
    });
    const [resolver, operation, request] = telemetry.spans();
    t.match(operation, { name: 'query', kind: SpanKind.INTERNAL, status: { code: 0 } }, name);
    t.strictSame(operation?.attributes, {
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Orders',
    });
    t.equal(resolver?.parentSpanContext?.spanId, operation?.spanContext().spanId, name);
    t.equal(operation?.parentSpanContext?.spanId, request?.spanContext().spanId, name);
    t.ok(isLeft, 'what comes next is no part of the operation');
  }
});

t.test('an error in the result of a GraphQL operation ends its span as failed', async (t) => {
  const result = { errors: [new Error('no such field')] };
  const [span] = await spansOfGraphql(() => result);
  t.match(span, { status: { code: 2, message: 'no such field' }, attributes: { 'error.type': 'Error' } });
  const [thrown] = await spansOfGraphql(() => {
    throw new Error('no schema');
  });
  t.match(thrown, { status: { code: 2, message: 'no schema' } });
});

/** The spans of an operation, without the one around. */
async function spansOfGraphql(execute: () => object) {
  telemetry.reset();
  const channel = tracingChannel('graphql:execute');
  withSpan('request', {}, () => {
    try {
      channel.traceSync(execute, { ...GRAPHQL });
    } catch {}
  });
  return telemetry.spans();
}

t.test('a query of mongoose is a CLIENT span around what it does', async (t) => {
  const message = {
    operation: 'findOne',
    collection: 'users',
    database: 'shop',
    serverAddress: '127.0.0.1',
    serverPort: 27017,
    args: { filter: { email: 'secret' } },
  };
  const channel = tracingChannel('mongoose:query');
  telemetry.reset();
  await withSpan('request', {}, () =>
    channel.tracePromise(async () => withSpan('driver', {}, () => {}), { ...message }),
  );
  const [driver, span] = telemetry.spans();
  t.equal(driver?.parentSpanContext?.spanId, span?.spanContext().spanId);
  t.match(span, { name: 'findOne users', kind: SpanKind.CLIENT });
  t.strictSame(span?.attributes, {
    'db.system.name': 'mongodb',
    'db.namespace': 'shop',
    'server.address': '127.0.0.1',
    'server.port': 27017,
    'db.operation.name': 'findOne',
    'db.collection.name': 'users',
  });
  telemetry.reset();
  const duplicate = Object.assign(new Error('E11000 duplicate key'), { code: 11000 });
  await withSpan('request', {}, () =>
    channel.tracePromise(() => Promise.reject(duplicate), { ...message }).catch(() => {}),
  );
  t.match(telemetry.spans()[0], {
    status: { code: 2 },
    attributes: { 'db.response.status_code': '11000', 'error.type': '11000' },
  });
});

t.test('a code of the system, such as EPIPE, is none of the database', async (t) => {
  const message = {
    command: 'get',
    args: ['get'],
    query: 'select 1',
    operation: 'find',
    collection: 'users',
  };
  for (const name of Object.keys(COMMANDS))
    for (const code of ['EPIPE', 'EBUSY', 'E2BIG']) {
      telemetry.reset();
      const error = Object.assign(new Error(`write ${code}`), { code, errno: -32, syscall: 'write' });
      const command = () => tracingChannel(name).tracePromise(() => Promise.reject(error), { ...message });
      await withSpan('request', {}, () => t.rejects(command()));
      const [span] = telemetry.spans();
      t.match(span, { status: { code: 2 } }, name);
      t.notOk('db.response.status_code' in (span?.attributes ?? {}), `${name} ${code}`);
    }
});

t.test('a message that cannot be read ends the spans of drivers, and nothing else', async (t) => {
  const channel = tracingChannel('ioredis:command');
  const answer = () => channel.tracePromise(async () => 'answer', { command: 'get', args: 7 });
  t.equal(await withSpan('request', {}, answer), 'answer');
  t.same(namesOf(telemetry.spans()), ['request']);
  t.notOk(channel.hasSubscribers);
});

t.test('each channel of a library of the table is listened to', async (t) => {
  const listens = traceDrivers();
  for (const [library, { commands = {}, connections = [], pool }] of Object.entries(LIBRARIES))
    for (const channel of [...Object.keys(commands), ...connections, pool?.asked ?? []].flat())
      t.ok(tracingChannel(channel).start.hasSubscribers, `${library} ${channel}`);
  listens();
});
