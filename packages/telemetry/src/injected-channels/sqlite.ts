import { basename } from 'node:path';
import type { Command } from '../any-process/drivers/commands.ts';
import { spansOf } from '../any-process/drivers/driver-spans.ts';
import { quietly } from '../api/quietly.ts';
import type { Call, Listeners } from './call.ts';
import { announced, eventOf, listenersOf } from './call.ts';
import { callerOfStatement } from './caller-of-statement.ts';
import { describeStandard } from './sql-span.ts';

/** The read parts of a database of better-sqlite3, libSQL or Node. */
interface Database {
  readonly name?: string;
  location?(): string | null;
  readonly inTransaction?: boolean;
  readonly isTransaction?: boolean;
}

/** The statement that a call runs, and its database. */
type Read<C> = (call: C) => { readonly sql: unknown; readonly on: Database | undefined };

/** While a transaction is open nobody else can write. */
const IN_TRANSACTION = { 'tandem.db.in_transaction': true };

function statement<C extends Call>(read: Read<C>): Command<C> {
  return {
    contextOf: callerOfStatement,
    describe(call) {
      const { sql, on } = read(call);
      const file = on?.name ?? on?.location?.() ?? '';
      const { name, attributes } = describeStandard('sqlite', sql, { database: basename(file) });
      const isOpen = on?.inTransaction === true || on?.isTransaction === true;
      return { name, attributes: { ...attributes, ...(isOpen && IN_TRANSACTION) } };
    },
    statusCode(error) {
      const { errcode, code } = Object(error);
      return errcode === undefined ? code : String(errcode);
    },
  };
}

/** A statement of better-sqlite3. */
interface Prepared {
  readonly source: string;
  readonly database: Database;
}

/** Spans of better-sqlite3: its statements run in native code, so their prototype is found when the first is prepared. */
export const betterSqliteListeners: Listeners = {
  ...listenersOf<Database>('better-sqlite3', {
    exec: statement(({ self, arguments: [sql] }) => ({ sql, on: self })),
  }),
  [eventOf('better-sqlite3', 'prepare', 'end')]: ({ result }: Call) => tracePrepared(result),
  [eventOf('better-sqlite3', 'getController', 'end')]: ({ result }: Call) =>
    tracePrepared(Object(result).default?.begin),
};

function tracePrepared(prepared: unknown): void {
  if (typeof prepared !== 'object' || prepared === null) return;
  traceMethods(Object.getPrototypeOf(prepared), RUNS, (self: Prepared) => ({
    sql: self.source,
    on: self.database,
  }));
}

const libsql = statement(({ arguments: [on, asked] }: Call) => ({
  sql: typeof asked === 'string' ? asked : Object(asked).sql,
  on: on as Database,
}));

/** Spans of @libsql/client with a local file. Over HTTP, its requests have spans. */
export const libsqlListeners = listenersOf('@libsql/client', {
  executeStmt: libsql,
  executeMultiple: libsql,
});

/** Spans of `node:sqlite`, which has no file that could get channels. Returns how to stop. */
export function traceNodeSqlite(): () => void {
  const { DatabaseSync, StatementSync } = process.getBuiltinModule('node:sqlite');
  const databases = new WeakMap<object, Database>();
  const { prepare } = DatabaseSync.prototype;
  announced.publish({ library: 'node:sqlite' });
  DatabaseSync.prototype.prepare = function (...args) {
    const prepared = Reflect.apply(prepare, this, args);
    databases.set(prepared, this as Database);
    return prepared;
  };
  const stops = [
    traceMethods(DatabaseSync.prototype, ['exec'], (on: Database, [sql]) => ({ sql, on })),
    traceMethods(StatementSync.prototype, RUNS, (self: { readonly sourceSQL: string }) => ({
      sql: self.sourceSQL,
      on: databases.get(self),
    })),
  ];
  return () => {
    DatabaseSync.prototype.prepare = prepare;
    for (const stop of stops) stop();
  };
}

/** The methods that run a prepared statement. */
const RUNS = ['run', 'get', 'all', 'iterate'];
/** Prototypes whose methods make spans. */
const traced = new WeakSet<object>();

interface Run extends Call {
  result?: unknown;
  error?: unknown;
}

/** Replaces methods of native code by ones that make spans. `iterate` ends with its last row, or where its caller stops. */
function traceMethods<S extends object>(
  prototype: object,
  names: readonly string[],
  read: (self: S, args: unknown[]) => ReturnType<Read<Call>>,
): () => void {
  if (traced.has(prototype)) return () => {};
  traced.add(prototype);
  const spans = spansOf({ run: statement<Run>(({ self, arguments: args }) => read(self as S, args)) });
  const say = (event: 'start' | 'end' | 'error', run: Run) => quietly(() => spans[event]('run', run));
  const originals = names.map((name) => [name, Reflect.get(prototype, name)] as const);
  for (const [name, original] of originals) {
    Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]) {
      const run: Run = { self: this, arguments: args };
      const within = <R>(work: () => R, isEnd: (result: R) => boolean): R => {
        try {
          const result = work();
          if (isEnd(result)) {
            run.result = result;
            say('end', run);
          }
          return result;
        } catch (error) {
          run.error = error;
          say('error', run);
          throw error;
        }
      };
      say('start', run);
      const result = within(
        () => Reflect.apply(original, this, args),
        () => name !== 'iterate',
      );
      if (name === 'iterate') endWithRows(result as Rows, within);
      return result;
    });
  }
  return () => {
    traced.delete(prototype);
    for (const [name, original] of originals) Reflect.set(prototype, name, original);
  };
}

type Step = (value?: unknown) => IteratorResult<unknown>;

interface Rows {
  next: Step;
  return?: Step;
}

function endWithRows(rows: Rows, within: <R>(work: () => R, isEnd: (result: R) => boolean) => R): void {
  const { next, return: leave } = rows;
  rows.next = () =>
    within(
      () => Reflect.apply(next, rows, []),
      ({ done }) => done === true,
    );
  if (leave === undefined) return;
  rows.return = () =>
    within(
      () => Reflect.apply(leave, rows, []),
      () => true,
    );
}
