import { createRequire } from 'node:module';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Test } from 'tap';
import t from 'tap';
import { assertConventions } from '../../../../../test/helpers/conventions/assert-conventions.ts';
import { leftToHost } from '../../../src/beside/leave-to-host.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { codeLineProcessor } from '../../../src/features/lines/line-processor.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { readSettings } from '../../../src/process/settings/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';

// Alone in its process: telemetry is registered for all tests, and modules are loaded with hooks.
t.setTimeout(300_000);
const telemetry = createTestTelemetry({
  serviceName: 'unit',
  spanProcessors: [codeLineProcessor(import.meta.dirname)],
  waits: true,
});
const said: string[] = [];
const log = { info: () => {}, warn: (_fields: object, line: string) => said.push(line), error: () => {} };
const stop = injectedChannels()({
  provider: trace.getTracerProvider(),
  loggerProvider: undefined,
  settings: readSettings({}),
  log,
} as never);
// It loads pg, which is looked at from now on.
const { testDatabases } = await import('../../../../../test/helpers/databases.ts');
const database = (await testDatabases()).find(({ name }) => name === 'postgresql');
t.teardown(async () => {
  stop?.();
  await telemetry.shutdown();
  await database?.drop();
});
t.beforeEach(() => telemetry.reset());

type Pg = typeof import('../../../../service-kit/node_modules/@types/pg/index.d.ts');
const PG = fileURLToPath(import.meta.resolve('../../../../service-kit/node_modules/pg/package.json'));
const LOADS: Readonly<Record<string, () => Promise<Pg>>> = {
  import: async () => (await import(pathToFileURL(PG.replace('package.json', 'esm/index.mjs')).href)).default,
  require: async () => createRequire(PG)('pg'),
};
const calls = () => telemetry.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
const named = (spans = calls()) =>
  spans.map(
    ({ name, status }) => `${name.replace(/^connect .*/, 'connect')}${status.code === 2 ? ' failed' : ''}`,
  );
const isWaitAlone = ({ name, status, attributes }: ReadableSpan) =>
  name.startsWith('connect') && status.code !== 2 && 'tandem.call.connect_ms' in attributes;
/** Longer than what a free connection takes, in milliseconds. */
const WORK_MS = 100;
const work = () => {
  for (const since = performance.now(); performance.now() - since < WORK_MS; );
};

for (const [load, loaded] of Object.entries(LOADS)) {
  if (database === undefined) break;
  const { Pool, Client, Query } = await loaded();
  const server = { connectionString: String(database.url), max: 2 };
  const request = (work: () => unknown) => withSpan('request', {}, async () => void (await work()));
  const connect = (t: Test, options: object = {}) => {
    const pool = new Pool({ ...server, ...options });
    t.teardown(() => pool.end());
    return pool;
  };
  const setUp = async (t: Test) => {
    const pool = connect(t);
    await pool.query('drop table if exists books');
    await pool.query('create table books (id int primary key, title text)');
    telemetry.reset();
    return pool;
  };

  t.test(`${load}: each way to ask is one span, and goes on in its request`, async (t) => {
    const pool = await setUp(t);
    const ask = 'select title from books';
    const inRequest = () => t.equal(trace.getActiveSpan(), current);
    let current = trace.getActiveSpan();
    const withClient = (work: (client: import('pg').PoolClient, done: () => void) => void) =>
      new Promise<void>((resolve) => {
        pool.connect((_error, client, release) => {
          inRequest();
          work(client as never, () => {
            inRequest();
            release();
            resolve();
          });
        });
      });
    const shared = { text: ask };
    const ways: Readonly<Record<string, [() => unknown, string[]?]>> = {
      promise: [() => pool.query(ask)],
      values: [() => pool.query('select title from books where id = $1', [1])],
      callback: [() => new Promise((resolve) => pool.query(ask, resolve)).then(inRequest)],
      named: [() => pool.query({ name: 'one', text: ask, rowMode: 'array' })],
      'a shared config': [() => pool.query(shared)],
      'a shared config again': [() => pool.query(shared)],
      'a client': [() => withClient((client, done) => client.query(ask, done))],
      'a callback in a config': [
        () =>
          withClient((client, done) => {
            const config = Object.freeze({ text: ask, callback: done });
            client.query(config as never);
          }),
      ],
      'a query object': [() => withClient((client, done) => client.query(new Query(ask)).on('end', done))],
      'a query object with a callback': [
        () => withClient((client, done) => void client.query(new Query(ask) as never, done as never)),
      ],
      'a query object that fails': [
        () =>
          withClient((client, done) => client.query(new Query('select * from missing')).on('error', done)),
        ['SELECT missing failed'],
      ],
      transaction: [
        async () => {
          const client = await pool.connect();
          await client.query('begin');
          await client.query(`insert into books values (1, 'secret')`);
          await client.query('commit');
          client.release();
        },
        ['BEGIN', 'INSERT books', 'COMMIT'],
      ],
      'an error': [
        () => t.rejects(pool.query(`insert into books values (1, 'secret')`), { code: '23505' }),
        ['INSERT books failed'],
      ],
      'no statement': [
        async () => {
          const client = await pool.connect();
          t.throws(() => client.query(null as never));
          client.release();
        },
        [],
      ],
      'a client of its own': [
        async () => {
          const client = new Client(server);
          await client.connect();
          await client.query(ask);
          await client.end();
        },
        ['connect', 'SELECT books'],
      ],
      'a server that is not there': [
        async () => {
          await t.rejects(
            new Client({ ...server, connectionString: 'postgres://127.0.0.1:1/none' }).connect(),
          );
          await t.rejects(
            new Pool({ ...server, connectionString: 'postgres://127.0.0.1:1/none' }).query(ask),
          );
        },
        ['connect failed', 'connect failed'],
      ],
    };
    for (const [way, [work, expected = ['SELECT books']]] of Object.entries(ways)) {
      telemetry.reset();
      await request(() => {
        current = trace.getActiveSpan();
        return work();
      });
      await immediate();
      const asked = calls().filter((each) => !isWaitAlone(each)); // with a connection that an error had closed
      t.same(named(asked), expected, way);
      const above = new Set(calls().map(({ parentSpanContext }) => parentSpanContext?.spanId));
      t.ok(above.size === 0 || (above.size === 1 && above.has(current?.spanContext().spanId)), way);
      assertConventions(telemetry.spans());
      t.notMatch(JSON.stringify(calls().map(({ attributes }) => attributes)), /secret/, way);
    }
  });

  t.test(`${load}: a span names the statement, its database, its line and its rows`, async (t) => {
    const pool = await setUp(t);
    const { hostname, port, pathname } = new URL(String(database.url));
    await request(() => pool.query('select n from generate_series(1, 200) n'));
    t.match(calls()[0]?.attributes, {
      'db.system.name': 'postgresql',
      'db.namespace': pathname.slice(1),
      'server.address': hostname,
      'server.port': Number(port),
      'db.operation.name': 'SELECT',
      'db.query.summary': 'SELECT generate_series',
      'db.query.text': 'select n from generate_series(?, ?) n',
      'db.response.returned_rows': 200,
      'code.file.path': 'pg.system.test.ts',
    });
  });

  t.test(`${load}: a statement begins with the wait for its connection`, async (t) => {
    const pool = connect(t, { max: 1 });
    await request(() => Promise.all([1, 2].map(() => pool.query('select pg_sleep(0.05)'))));
    const [opened, waited] = calls().map(({ attributes }) => attributes);
    t.ok(Number(opened?.['tandem.call.connect_ms']) > 0);
    t.ok(Number(waited?.['tandem.call.waiting_ms']) >= 50);
    t.equal(waited?.['tandem.call.pool_size'], 1);
  });

  t.test(`${load}: a wait that no statement of its turn takes has a span of its own`, async (t) => {
    const pool = connect(t, { max: 1 });
    const held = await pool.connect();
    const waits = request(async () => {
      const client = await pool.connect(); // asks
      await sleep(10);
      await client.query('select 1');
      client.release();
    });
    await sleep(20);
    held.release();
    await waits;
    t.same(named(), ['connect', 'SELECT']);
    const [{ attributes = {} } = {}, statement] = calls();
    t.ok(Number(attributes['tandem.call.waiting_ms']) >= 10);
    t.equal(attributes['tandem.call.pool_size'], 1);
    t.equal(attributes['code.file.path'], 'pg.system.test.ts');
    t.notOk('tandem.call.waiting_ms' in (statement?.attributes ?? {}));
  });

  t.test(`${load}: what a caller does itself beside a free connection is no wait`, async (t) => {
    const pool = await setUp(t);
    await request(async () => {
      const asked = pool.connect();
      work();
      const client = await asked;
      await client.query('select 1');
      client.release();
      const result = pool.query('select 2');
      work();
      await result;
    });
    await immediate();
    t.same(named(), ['SELECT', 'SELECT']);
    for (const { attributes } of calls()) t.notOk('tandem.call.waiting_ms' in attributes);
  });

  t.test(
    `${load}: a statement that took its connection of the pool says how many the pool has`,
    async (t) => {
      const pool = await setUp(t);
      await request(async () => {
        await pool.query('select 1');
        const client = await pool.connect();
        await client.query('begin');
        await client.query('commit');
        client.release();
      });
      const sizes = calls().map(({ name, attributes }) => [name, attributes['tandem.call.pool_size']]);
      t.same(sizes, [
        ['SELECT', 2],
        ['BEGIN', 2],
        ['COMMIT', undefined],
      ]);
    },
  );

  t.test(`${load}: a rejection that nobody handles stays so, once`, async (t) => {
    const pool = await setUp(t);
    const seen: unknown[] = [];
    const note = (error: unknown) => seen.push(error);
    process.on('unhandledRejection', note);
    t.teardown(() => process.off('unhandledRejection', note));
    const client = await pool.connect();
    await request(async () => {
      void client.query('select * from missing');
      await client.query('select 1');
    });
    await sleep(10);
    client.release();
    t.match(seen, [{ code: '42P01' }]);
    t.equal(seen.length, 1);
  });

  for (const attribute of ['db.query.text', 'db.statement'])
    t.test(`${load}: a statement inside a span with ${attribute} is that span's own`, async (t) => {
      const pool = await setUp(t);
      await withSpan('statement', { [attribute]: 'select 1' }, () => pool.query('select 1'));
      t.same(named(), []);
    });

  t.test(`${load}: no span outside of a trace, nor beside the host's own instrumentation`, async (t) => {
    const pool = await setUp(t);
    await pool.query('select 1');
    leftToHost.add('@opentelemetry/instrumentation-pg');
    t.teardown(() => leftToHost.clear());
    await request(() => pool.query('select 1'));
    t.same(named(), []);
  });
}

t.test('nothing was said of a library that has its spans', async (t) => t.same(said, []));
