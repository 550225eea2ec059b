import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Sql } from 'postgres';
import t from 'tap';
import { assertConventions } from '../../../../../test/helpers/conventions/assert-conventions.ts';
import { testDatabases } from '../../../../../test/helpers/databases.ts';
import { until } from '../../../../../test/helpers/until.ts';
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
const database = (await testDatabases()).find(({ name }) => name === 'postgresql');
t.teardown(async () => {
  stop?.();
  await telemetry.shutdown();
  await database?.drop();
});
t.beforeEach(() => telemetry.reset());

const LOADS: Readonly<Record<string, () => Promise<(url: string, options: object) => Sql>>> = {
  import: async () => (await import('postgres')).default as never,
  require: async () => createRequire(import.meta.url)('postgres'),
};
const CANCELLED = 10;
const calls = (spans = telemetry.spans()) => spans.filter(({ kind }) => kind === SpanKind.CLIENT);
const byName = (spans: readonly ReadableSpan[]) =>
  spans.map(({ name, status }) => `${name}${status.code === 2 ? ' failed' : ''}`).toSorted();

for (const [name, load] of Object.entries(LOADS)) {
  if (database === undefined) break;
  const connect = async (options: object = {}) => {
    const sql = (await load())(String(database.url), { max: 5, onnotice: () => {}, ...options });
    t.teardown(() => sql.end());
    return sql;
  };

  t.test(`${name}: a thousand calls are as many spans, each in its request`, async (t) => {
    const sql = await connect();
    const waiting = await connect({ max: CANCELLED }); // behind another query, a cancelled one never ends
    // PostgreSQL forgets a cancellation that comes before the query.
    const isExecuted = (query: object) =>
      context.with(ROOT_CONTEXT, async () => {
        const { pid = 0 } = Object(Reflect.get(query, 'state'));
        const rows = await sql`select 1 from pg_stat_activity
          where pid = ${pid} and state = 'active' and wait_event = 'PgSleep'`;
        return rows.length > 0;
      });
    await sql`drop table if exists things`;
    await sql`create table things (id int primary key, name text)`;
    const request = async (n: number) => {
      const fragment = sql`where id = ${n}`;
      const isRolledBack = sql.begin(async (tx) => {
        await tx`update things set name = ${'b'} ${fragment}`;
        throw new Error('rolled back');
      });
      const cancelled = n < CANCELLED ? [waiting`select pg_sleep(60)`.execute()] : [];
      await Promise.all([
        sql`insert into things ${sql({ id: n, name: 'a' })}`,
        ...[1, 2, 3, 4, 5].map((id) => sql`select name from things where id = ${id + n}`),
        sql.unsafe('select * from things where id = $1', [n]),
        sql.unsafe(`select * from things where name = 'secret'`),
        t.rejects(sql`select * from missing_table`, { code: '42P01' }),
        ...cancelled.map(async (query) => {
          const isRejected = t.rejects(query, { code: '57014' });
          await until(() => isExecuted(query));
          query.cancel();
          await isRejected;
        }),
        t.rejects(isRolledBack, /rolled back/),
        sql.begin((tx) => [tx`select 1 as one`, tx`select 2 as two`]),
        sql`select name from ${sql('things')} limit 3`.forEach(() => {}),
      ]);
    };
    const requests = Array.from({ length: 60 }, (_, n) => n);
    telemetry.reset();
    await Promise.all(requests.map((n) => withSpan('request', { n }, () => request(n))));
    const spans = telemetry.spans();
    const expected = [
      ...['BEGIN', 'BEGIN', 'COMMIT', 'ROLLBACK', 'INSERT things', 'SELECT missing_table failed'],
      ...['SELECT', 'SELECT', ...Array(8).fill('SELECT things'), 'UPDATE things'],
    ].toSorted();
    for (const each of spans.filter(({ name }) => name === 'request')) {
      const { spanId } = each.spanContext();
      const below = calls(spans).filter(({ parentSpanContext }) => parentSpanContext?.spanId === spanId);
      const isCancelled = Number(each.attributes.n) < CANCELLED;
      t.same(byName(below), [...expected, ...(isCancelled ? ['SELECT failed'] : [])].toSorted());
    }
    t.equal(calls(spans).length, requests.length * expected.length + CANCELLED);
    t.notMatch(JSON.stringify(spans.map(({ attributes }) => attributes)), /secret/);
  });

  t.test(`${name}: a span names the statement, its database and its error`, async (t) => {
    const sql = await connect();
    await withSpan('request', {}, async () => {
      await sql`select * from pg_type t join ${sql('pg_class')} c on c.oid = t.typrelid where t.oid = ${1}`;
      await sql`select * from missing_table`.catch(() => {});
    });
    const spans = telemetry.spans();
    assertConventions(spans);
    const { hostname, port, pathname } = new URL(String(database.url));
    const place = {
      'db.system.name': 'postgresql',
      'db.namespace': pathname.slice(1),
      'server.address': hostname,
      'server.port': Number(port),
    };
    const [joined, failed] = calls(spans);
    t.match(joined?.attributes, {
      ...place,
      'db.operation.name': 'SELECT',
      'db.query.summary': 'SELECT pg_type pg_class',
      'db.query.text': 'select * from pg_type t join "pg_class" c on c.oid = t.typrelid where t.oid = $1',
    });
    t.match(failed, {
      name: 'SELECT missing_table',
      status: { code: 2 },
      attributes: { ...place, 'db.response.status_code': '42P01', 'error.type': '42P01' },
    });
  });

  t.test(`${name}: callbacks and streams of a statement belong to its request`, async (t) => {
    const sql = await connect({ max: 1 });
    await sql`create temp table copied (id int)`;
    const seen: unknown[] = [];
    const note = () => seen.push(trace.getActiveSpan());
    telemetry.reset();
    await withSpan('request', {}, async (request) => {
      await sql`select 1 as one`.forEach(note);
      await sql`select * from generate_series(1, 4)`.cursor(2, note);
      for await (const _ of sql`select * from generate_series(1, 4)`.cursor(2)) note();
      await pipeline(Readable.from(['1\n', '2\n']), await sql`copy copied from stdin`.writable());
      await (await sql`copy copied to stdout`.readable()).toArray();
      const reserved = await sql.reserve();
      await reserved`select 2 as two`;
      reserved.release();
      await sql.end();
      await t.rejects(sql`select 3 as three`);
      t.ok(seen.every((each) => each === request));
      t.equal(seen.length, 5);
    });
    t.same(byName(calls()), [
      ...['COPY', 'COPY', 'SELECT', 'SELECT', 'SELECT failed'],
      ...['SELECT generate_series', 'SELECT generate_series'],
    ]);
    const [request] = telemetry.spans().filter((each) => each.name === 'request');
    for (const { parentSpanContext } of calls())
      t.equal(parentSpanContext?.spanId, request?.spanContext().spanId);
  });

  t.test(`${name}: each statement has the line that wrote it, also where it waits`, async (t) => {
    const sql = await connect({ max: 1 });
    await withSpan('request', {}, async () => {
      const first = async () => {
        await sql`select 1 as one`; // first
      };
      const second = async () => {
        await sql`select 1 as one`; // second
      };
      await Promise.all([first(), second(), first()]);
    });
    const lines = calls().map(({ attributes }) => attributes['code.line.number'] as number);
    t.equal(new Set(lines).size, 2);
    t.equal(lines.length, 3);
    for (const { attributes } of calls()) t.equal(attributes['code.file.path'], 'postgres.system.test.ts');
    const waited = calls().filter(({ attributes }) => 'tandem.call.waiting_ms' in attributes);
    for (const { attributes } of waited) t.equal(attributes['tandem.call.pool_size'], 1);
  });

  t.test(`${name}: the stack of an error has the line that wrote the statement`, async (t) => {
    const sql = await connect();
    const error = await sql`select * from missing_table`.catch(({ stack }) => stack);
    t.match(error, 'postgres.system.test.ts');
  });

  for (const attribute of ['db.query.text', 'db.statement'])
    t.test(`${name}: a statement inside a span with ${attribute} is that span's own`, async (t) => {
      const sql = await connect();
      const ask = async () => (await sql`select 1 as one`)[0]?.one;
      t.equal(await withSpan('statement', { [attribute]: 'select 1 as one' }, ask), 1);
      t.same(byName(telemetry.spans()), ['statement']);
    });

  t.test(`${name}: outside of a trace a statement has no span`, async (t) => {
    const sql = await connect();
    t.equal((await sql`select 1 as one`)[0]?.one, 1);
    t.same(telemetry.spans(), []);
  });
}

t.test('nothing was said of a library that got its channels', async (t) => t.same(said, []));
