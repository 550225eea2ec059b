import { DatabaseSync } from 'node:sqlite';
import { context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { Kysely, SqliteDialect, sql } from 'kysely';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { withSpan } from '../../../src/index.ts';
import { tracedDialect } from '../../../src/service/kysely/index.ts';
import { createTestTelemetry, printTree } from '../../../src/service/testing/index.ts';
import { namesOf } from '../../readable-spans.ts';

interface Tables {
  users: { id: number; handle: string };
  posts: { id: number; user_id: number };
}

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry({ serviceName: 'unit' });
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => telemetry.reset());

const file = new DatabaseSync(':memory:');
const db = new Kysely<Tables>({
  dialect: tracedDialect(new SqliteDialect({ database: sqliteFor(file) }), {
    system: 'sqlite',
    namespace: 'test.db',
  }),
});
t.before(async () => {
  await db.schema
    .createTable('users')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('handle', 'text', (c) => c.unique())
    .execute();
  await db.schema.createTable('posts').addColumn('id', 'integer').addColumn('user_id', 'integer').execute();
});
t.teardown(() => db.destroy());

t.test(
  'a statement becomes a CLIENT span with the conventions of databases, and without its values',
  async (t) => {
    await withSpan('request', {}, () =>
      db.selectFrom('users').selectAll().where('handle', '=', 'secret-value').execute(),
    );
    t.equal(printTree(telemetry.spans()), 'unit  request  INTERNAL\n  unit  SELECT users  CLIENT');
    t.strictSame(telemetry.spans()[0]?.attributes, {
      'db.system.name': 'sqlite',
      'db.namespace': 'test.db',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'users',
      'db.query.summary': 'SELECT users',
      'db.query.text': 'select * from "users" where "handle" = ?',
    });
  },
);

t.test('of many rows, the span of a statement has the number', async (t) => {
  for (const rows of [99, 100])
    await withSpan('request', {}, () =>
      sql`select * from (with recursive n(x) as (select 1 union all select x + 1 from n) select x from n limit ${rows})`.execute(
        db,
      ),
    );
  const found = telemetry.spans().filter(({ name }) => name !== 'request');
  t.strictSame(
    found.map(({ attributes }) => attributes['db.response.returned_rows']),
    [undefined, 100],
  );
});

t.test('operation and tables come from the query tree', async (t) => {
  const joined = sql`join ${sql.table('posts')} as p on p.user_id = u.id`;
  const aliased = db.selectFrom('users as u').innerJoin('posts as p', 'p.user_id', 'u.id');
  for (const [summary, run] of [
    ['INSERT users', () => db.insertInto('users').values({ id: 1, handle: 'a' }).execute()],
    ['UPDATE users', () => db.updateTable('users').set({ handle: 'b' }).execute()],
    ['SELECT users posts', () => aliased.select('u.id').execute()],
    ['DELETE posts', () => db.deleteFrom('posts').execute()],
    ['SELECT', () => sql`select 1`.execute(db)],
    ['PRAGMA', () => sql`  PRAGMA user_version`.execute(db)],
    // A raw statement has the tables that sql.table names.
    [
      'SELECT users posts',
      () => sql`select u.id from ${sql.table('users')} as u ${joined} where u.id > ${1}`.execute(db),
    ],
    ['CREATE TABLE extra', () => db.schema.createTable('extra').addColumn('id', 'integer').execute()],
  ] as const) {
    telemetry.reset();
    await withSpan('request', {}, run as () => Promise<unknown>);
    t.strictSame(namesOf(telemetry.spans()), [summary, 'request']);
  }
});

t.test('a transaction shows its commands', async (t) => {
  await withSpan('request', {}, () =>
    db.transaction().execute((trx) => trx.insertInto('posts').values({ id: 1, user_id: 1 }).execute()),
  );
  await withSpan('request', {}, () =>
    db.transaction().execute(async () => {
      throw new Error('undo');
    }),
  ).catch(() => {});
  t.strictSame(namesOf(telemetry.spans()), [
    'BEGIN',
    'INSERT posts',
    'COMMIT',
    'request',
    'BEGIN',
    'ROLLBACK',
    'request',
  ]);
});

t.test("a failed statement carries the database's own code, and the error reaches the caller", async (t) => {
  await withSpan('request', {}, async () => {
    await db.insertInto('users').values({ id: 7, handle: 'twice' }).execute();
    await t.rejects(db.insertInto('users').values({ id: 8, handle: 'twice' }).execute(), /UNIQUE/);
  });
  const failed = telemetry.spans().find((span) => span.status.code === 2);
  t.match(
    failed?.attributes,
    { 'error.type': '2067', 'db.response.status_code': '2067' },
    'SQLITE_CONSTRAINT_UNIQUE',
  );
  t.match(failed?.status.message, /UNIQUE/);
});

t.test('statements after the answer are in the trace, under the ended span', async (t) => {
  const answered = Promise.withResolvers<void>();
  const work = await withSpan('request', {}, () => ({
    done: db.transaction().execute(async (trx) => {
      await trx.insertInto('posts').values({ id: 2, user_id: 1 }).execute();
      await answered.promise;
      await trx.insertInto('posts').values({ id: 3, user_id: 1 }).execute();
    }),
  }));
  await until(() => telemetry.spans().some(({ name }) => name === 'INSERT posts'));
  t.ok(
    telemetry.spans().some(({ name }) => name === 'request'),
    'the request is over',
  );
  answered.resolve();
  await work.done;
  t.equal(
    printTree(telemetry.spans()),
    [
      'unit  request  INTERNAL',
      '  unit  BEGIN  CLIENT',
      '  unit  INSERT posts  CLIENT',
      '  unit  INSERT posts  CLIENT',
      '  unit  COMMIT  CLIENT',
    ].join('\n'),
  );
});

t.test('outside of a trace, and below a span that is not sampled, a statement makes no span', async (t) => {
  const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.NONE };
  for (const active of [ROOT_CONTEXT, trace.setSpanContext(ROOT_CONTEXT, ids)])
    await context.with(active, () => db.selectFrom('users').selectAll().execute());
  t.strictSame(telemetry.spans(), []);
});

t.test('a statement runs with its span active, so that spans of its driver are its children', async (t) => {
  const traced = new Kysely<Tables>({
    dialect: tracedDialect(new SqliteDialect({ database: tracingSqlite(file) }), { system: 'sqlite' }),
  });
  await withSpan('request', {}, async () => {
    await traced.selectFrom('users').selectAll().execute();
    await withSpan('after', {}, async () => {});
  });
  t.equal(
    printTree(telemetry.spans()),
    [
      'unit  request  INTERNAL',
      '  unit  SELECT users  CLIENT',
      '    unit  driver  INTERNAL',
      '  unit  after  INTERNAL',
    ].join('\n'),
  );
});

t.test('a stream that is left early ends its span once', async (t) => {
  await withSpan('request', {}, async () => {
    for await (const _ of db.selectFrom('users').selectAll().stream()) break;
  });
  t.strictSame(namesOf(telemetry.spans()), ['SELECT users', 'request']);
});

/** A driver that makes its own span when the driver reads rows. */
function tracingSqlite(database: DatabaseSync): ReturnType<typeof sqliteFor> {
  const plain = sqliteFor(database);
  return {
    ...plain,
    prepare(text) {
      const statement = plain.prepare(text);
      return { ...statement, all: (values) => withSpan('driver', {}, () => statement.all(values)) };
    },
  };
}

function sqliteFor(database: DatabaseSync) {
  return {
    close: () => database.close(),
    prepare(text: string) {
      const statement = database.prepare(text);
      return {
        reader: /^\s*select|\breturning\b/i.test(text), // Node 22.15 cannot ask the statement
        all: (values: readonly unknown[]) => statement.all(...(values as [])),
        run: (values: readonly unknown[]) =>
          statement.run(...(values as [])) as { changes: number | bigint; lastInsertRowid: number | bigint },
        iterate: (values: readonly unknown[]) => statement.iterate(...(values as [])),
      };
    },
  };
}
