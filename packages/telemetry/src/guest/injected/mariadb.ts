import type { Command, Database } from '../published/commands.ts';
import { describeSql, sqlErrorNumber } from '../published/commands.ts';
import { MYSQL } from '../published/sql-text.ts';
import type { Call, Listeners } from './call.ts';
import { listenersOf } from './call.ts';
import { callerOfStatement } from './caller-of-statement.ts';

/** The databases of pools and connections. */
const databases = new WeakMap<object, Database>();

function statement(sqlOf: (asked: unknown) => unknown): Command<Call<object>> {
  return {
    contextOf: callerOfStatement,
    hasRows: true,
    describe: ({ self, arguments: [asked] }) =>
      describeSql('mariadb', sqlOf(asked), databases.get(Object(self)) ?? {}, MYSQL),
    statusCode: sqlErrorNumber,
    told: withoutStatement,
  };
}

const asked = statement((sql) => (typeof sql === 'string' ? sql : Object(sql).sql));

/** Spans of MariaDB's connector. That of a statement that asks a pool includes the wait for a connection. */
export const mariadbListeners: Listeners = {
  ...listenersOf({
    query: asked,
    execute: asked,
    batch: asked,
    beginTransaction: statement(() => 'START TRANSACTION'),
    commit: statement(() => 'COMMIT'),
    rollback: statement(() => 'ROLLBACK'),
  }),
  'createPool:end': noteDatabase,
  'createConnection:asyncEnd': noteDatabase,
  'getConnection:asyncEnd': noteDatabase,
};

function noteDatabase({ self, arguments: [options], result }: Call): void {
  const known = databases.get(Object(self));
  if (known !== undefined || options !== undefined)
    databases.set(Object(result), known ?? databaseIn(options));
}

function databaseIn(options: unknown): Database {
  const { hostname, port: given, pathname } = typeof options === 'string' ? new URL(options) : Object();
  const {
    host = hostname ?? 'localhost',
    port = given || 3306,
    database = pathname?.slice(1),
  } = Object(options);
  return { serverAddress: host, serverPort: Number(port), database };
}

/** The error with the server's own message: the connector adds the statement and its values. */
function withoutStatement(error: unknown): unknown {
  const { sqlMessage, message = '' } = Object(error);
  const value = sqlMessage ?? String(message).split('\nsql: ')[0];
  return Object.create(Object(error), { message: { value } });
}
