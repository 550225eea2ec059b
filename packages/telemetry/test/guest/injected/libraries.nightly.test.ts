import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SpanKind, trace } from '@opentelemetry/api';
import t from 'tap';
import { assertConventions } from '../../../../../test/helpers/conventions/assert-conventions.ts';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../../../../../test/helpers/npm.ts';
import { freePort } from '../../../../../test/helpers/processes.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { readSettings } from '../../../src/process/settings/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';

// Alone in its process: telemetry is registered for all tests, and modules are loaded with hooks.
t.setTimeout(2 * INSTALL_TIMEOUT_MS);
const telemetry = createTestTelemetry({ serviceName: 'unit' });
const said: string[] = [];
const stop = injectedChannels()({
  provider: trace.getTracerProvider(),
  loggerProvider: undefined,
  settings: readSettings({}),
  log: { debug() {}, info() {}, error() {}, warn: (_fields: object, line: string) => said.push(line) },
});
t.teardown(async () => {
  stop?.();
  await telemetry.shutdown();
});

const work = t.testdir();
await npmInstall(join(work, 'app'), [
  '@electric-sql/pglite@0.5.17',
  '@libsql/client@0.18.0',
  'better-sqlite3@13.2.0',
  'bullmq@5.81.5',
  'libsql@0.5.29',
  'mariadb@3.5.4',
]);
const require = createRequire(join(work, 'app', 'main.cjs'));
writeFileSync(join(work, 'app', 'main.mjs'), 'export default (name) => import(name);');
const { default: importFrom } = await import(pathToFileURL(join(work, 'app', 'main.mjs')).href);
/** A library as both kinds of modules have it. */
const KINDS = {
  require: async (name: string) => require(name),
  async import(name: string) {
    const { default: main, ...names } = await importFrom(name);
    return typeof main === 'function' ? main : names;
  },
};

/** Starts a program of the system, and waits until its port answers. */
async function serve(program: string, argsOf: (port: number) => string[]): Promise<number> {
  const port = await freePort();
  const child = spawn(program, argsOf(port), { cwd: work, stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
      }),
    { what: `${program} listens` },
  );
  return port;
}

/** Runs requests at once, each in its span, and returns the names of the spans below each. */
async function below(requests: number, work: (n: number) => unknown): Promise<string[][]> {
  telemetry.reset();
  const all = Array.from({ length: requests }, (_, n) => n);
  await Promise.all(all.map((n) => withSpan('request', { n }, () => work(n))));
  const spans = telemetry.spans();
  assertConventions(spans);
  t.notMatch(JSON.stringify(spans.map(({ attributes, status }) => [attributes, status])), /secret/);
  const names = all.map((n) => {
    const request = spans.find(({ attributes }) => attributes.n === n)?.spanContext().spanId;
    const found = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === request);
    return found.map(({ name, status }) => `${name}${status.code === 2 ? ' failed' : ''}`).toSorted();
  });
  t.equal(spans.length, names.flat().length + requests, 'no other spans');
  return names;
}

interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Record<'run' | 'get' | 'all' | 'iterate', (...args: unknown[]) => Iterable<unknown>>;
  transaction?(work: () => void): () => void;
}
/** How the class of databases is found in what a library exports. */
const SQLITE: Readonly<Record<string, (loaded: never) => new (file: string) => Database>> = {
  'better-sqlite3': (loaded) => loaded,
  libsql: (loaded) => loaded,
  'node:sqlite': ({ DatabaseSync }: { DatabaseSync: new (file: string) => Database }) => DatabaseSync,
};

for (const [kind, load] of Object.entries(KINDS)) {
  for (const [name, classIn] of Object.entries(SQLITE)) {
    t.test(`${kind}: ${name}: each statement is a span, and an open transaction is named`, async (t) => {
      const loaded = await (name.startsWith('node:') ? import(name) : load(name));
      const database = new (classIn(loaded as never))(':memory:');
      const within = (work: () => void) => {
        if (database.transaction !== undefined) return database.transaction(work)();
        database.exec('begin');
        work();
        database.exec('commit');
      };
      database.exec('create table things (id integer primary key, name text)');
      const names = await below(100, (n) => {
        within(() => database.prepare('insert into things values (?, ?)').run(n, 'secret'));
        for (const id of [n, n, n]) database.prepare('select * from things where id = ?').get(id);
        database.exec(`update things set name = 'secret' where id = ${n}`);
        if (name !== 'libsql')
          for (const _ of database.prepare('select * from things limit 5').iterate()) break;
        t.throws(() => database.prepare('insert into things values (?, null)').run(n));
        t.throws(() => database.prepare('select * from missing_table'));
        t.equal([...database.prepare('select 1 as one').all()].length, 1);
      });
      const expected = ['BEGIN', 'COMMIT', 'INSERT things', 'INSERT things failed', 'SELECT'];
      const selects = Array(name === 'libsql' ? 3 : 4).fill('SELECT things');
      for (const each of names)
        t.same(each, [...expected, 'SELECT missing_table failed', ...selects, 'UPDATE things']);
      const marked = telemetry.spans().filter(({ attributes }) => attributes['tandem.db.in_transaction']);
      // Node's databases say so from 22.16 on.
      const isSaid = 'inTransaction' in database || 'isTransaction' in database;
      t.same(new Set(marked.map(({ name }) => name)), new Set(isSaid ? ['INSERT things', 'COMMIT'] : []));
    });
  }

  t.test(
    `${kind}: PGlite: a statement is a span, also in a transaction, and where others wait`,
    async (t) => {
      const { PGlite } = await load('@electric-sql/pglite');
      const database = await PGlite.create();
      await database.exec('create table things (id integer primary key, name text)');
      const names = await below(100, async (n) => {
        await database.query('insert into things values ($1, $2)', [n, 'secret']);
        await Promise.all([
          database.sql`select * from things where id = ${n}`,
          database.query("select * from things where name = 'secret'"),
          t.rejects(database.query('select * from missing_table'), { code: '42P01' }),
        ]);
        await database.transaction(async (tx: typeof database) => {
          await tx.query('update things set name = $1 where id = $2', ['secret', n]);
          await tx.exec('select 1; select 2');
        });
        const isRolledBack = database.transaction(async (tx: typeof database) => {
          await tx.sql`delete from things where id = ${n}`;
          throw new Error('rolled back');
        });
        await t.rejects(isRolledBack, /rolled back/);
      });
      const expected = ['BEGIN', 'BEGIN', 'COMMIT', 'DELETE things', 'INSERT things', 'ROLLBACK', 'SELECT'];
      for (const each of names)
        t.same(each, [
          ...expected,
          'SELECT missing_table failed',
          'SELECT things',
          'SELECT things',
          'UPDATE things',
        ]);
      const failed = telemetry.spans().filter(({ status }) => status.code === 2);
      for (const { attributes } of failed) t.equal(attributes['db.response.status_code'], '42P01');
      await database.close();
    },
  );

  t.test(`${kind}: @libsql/client with a file`, async (t) => {
    const { createClient } = await load('@libsql/client');
    const client = createClient({ url: `file:${join(work, `${kind}.db`)}` });
    await client.execute('create table things (id integer primary key, name text)');
    const names = await below(100, async (n) => {
      await client.execute({ sql: 'insert into things values (?, ?)', args: [n, 'secret'] });
      await client.execute("select * from things where name = 'secret'");
      await t.rejects(client.execute('select * from missing_table'));
      await client.executeMultiple('select 1; select 2');
    });
    for (const each of names)
      t.same(each, ['INSERT things', 'SELECT', 'SELECT missing_table failed', 'SELECT things']);
    const [batch] = await below(1, () => client.batch(['select 1', 'select 2'], 'write'));
    t.same(batch, ['BEGIN', 'COMMIT', 'SELECT', 'SELECT']);
    client.close();
  });
}

t.test('mariadb: statements of a pool belong to whoever asked', async (t) => {
  const data = join(work, 'mariadb');
  mkdirSync(data);
  const own = ['--no-defaults', `--datadir=${data}`, `--user=${userInfo().username}`];
  const installed = spawn('mariadb-install-db', own, { stdio: 'ignore' });
  t.equal(await new Promise((resolve) => installed.on('exit', resolve)), 0);
  const port = await serve('mariadbd', (free) => [
    ...own,
    ...[`--port=${free}`, '--bind-address=127.0.0.1', '--skip-grant-tables', '--socket=s.sock'],
  ]);
  const options = { host: '127.0.0.1', port, user: 'root', database: 'test', connectionLimit: 4 };
  for (const [kind, load] of Object.entries(KINDS)) {
    const pool = (await load('mariadb')).createPool(options);
    await pool.query('create or replace table things (id int primary key, name text)');
    const names = await below(100, async (n) => {
      await pool.query('insert into things values (?, ?)', [n, 'secret']);
      await Promise.all([1, 2, 3].map((id) => pool.execute('select * from things where id = ?', [id])));
      await pool.query("select * from things where name = 'secret'");
      await t.rejects(pool.query("select 'secret' from missing_table"));
      const connection = await pool.getConnection();
      await connection.beginTransaction();
      await connection.query('update things set name = ? where id = ?', ['secret', n]);
      await connection.commit();
      await connection.release();
    });
    const expected = ['COMMIT', 'INSERT things', 'SELECT missing_table failed'];
    for (const each of names)
      t.same(each, [...expected, ...Array(4).fill('SELECT things'), 'START', 'UPDATE things'], kind);
    await pool.end();
  }
});

t.test('bullmq: each attempt at a job is a CONSUMER below the span that sent it', async (t) => {
  const port = await serve('redis-server', (free) => ['--port', String(free), '--save', '']);
  const connection = { host: '127.0.0.1', port };
  for (const [kind, load] of Object.entries(KINDS)) {
    const { Queue, Worker, FlowProducer } = await load('bullmq');
    const queue = new Queue(kind, { connection });
    const flows = new FlowProducer({ connection });
    const attempts: unknown[] = [];
    const process = async (job: { name: string; attemptsMade: number }) => {
      attempts.push(trace.getActiveSpan()?.spanContext().spanId);
      if (job.name === 'bad' && job.attemptsMade === 0) throw new Error('tried again');
    };
    const worker = new Worker(kind, process, { connection, concurrency: 10 });
    telemetry.reset();
    const requests = Array.from({ length: 250 }, (_, n) => n);
    await Promise.all(
      requests.map((n) =>
        withSpan('request', { n }, async () => {
          await queue.add('one', { text: 'secret' });
          await queue.addBulk([{ name: 'bad', data: {}, opts: { attempts: 2 } }]);
          await flows.add({ name: 'tree', queueName: kind, children: [{ name: 'leaf', queueName: kind }] });
        }),
      ),
    );
    const of = (wanted: SpanKind) => telemetry.spans().filter((span) => span.kind === wanted);
    const all = requests.length * 5;
    await until(() => of(SpanKind.CONSUMER).length === all, { what: () => `${attempts.length} of ${all}` });
    const sent = new Map(of(SpanKind.PRODUCER).map((span) => [span.spanContext().spanId, 0]));
    t.equal(sent.size, requests.length * 3);
    for (const { parentSpanContext, status } of of(SpanKind.CONSUMER)) {
      const spanId = parentSpanContext?.spanId ?? '';
      sent.set(spanId, (sent.get(spanId) ?? Number.NaN) + 1);
      t.ok(status.code !== 2 || status.message === 'tried again');
    }
    t.same([...sent.values()].toSorted(), requests.flatMap(() => [1, 2, 2]).toSorted(), kind);
    t.equal(of(SpanKind.CONSUMER).filter(({ status }) => status.code === 2).length, requests.length);
    t.same(new Set(attempts), new Set(of(SpanKind.CONSUMER).map((span) => span.spanContext().spanId)));
    const telemetryOfApp = { tracer: {}, contextManager: { active: () => ({}), getMetadata: () => '' } };
    const own = new Queue(`${kind}-own`, { connection, telemetry: telemetryOfApp });
    t.equal(own.opts.telemetry, telemetryOfApp);
    await own.disconnect(); // `close` asks the app's telemetry
    for (const each of [worker, queue, flows]) await each.close();
  }
});

t.test('nothing was said of a library that got its channels', async (t) =>
  t.same(
    said.filter((each) => !each.startsWith('@libsql/client has no spans')),
    [],
  ),
);
