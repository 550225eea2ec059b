import { basename } from 'node:path';
import { ATTR_DB_IN_TRANSACTION, ATTR_DB_SCANS } from '../../attributes.ts';
import type { Command } from '../published/commands.ts';
import { describeSql } from '../published/commands.ts';
import { spansOf } from '../published/driver-spans.ts';
import { STANDARD } from '../published/sql-text.ts';
import type { Call, Listeners } from './call.ts';
import { listenersOf } from './call.ts';
import { callerOfStatement } from './caller-of-statement.ts';
import { noteBegin, scansOf } from './scans.ts';

/** The read parts of a database of better-sqlite3, libSQL or Node. */
interface Database {
  readonly name?: string;
  location?(): string | null;
  readonly inTransaction?: boolean;
  readonly isTransaction?: boolean;
}

/** A prepared statement. That of better-sqlite3 knows both by itself. */
interface Prepared {
  readonly source?: unknown;
  readonly database?: Database;
}

/** While a transaction is open nobody else can write. */
const IN_TRANSACTION = { [ATTR_DB_IN_TRANSACTION]: true };

const prepared = new WeakMap<object, Prepared>();

/** A call of a database with a statement, or of a prepared statement. */
const statement: Command<Call<Database & Prepared>> = {
  contextOf: callerOfStatement,
  hasRows: true,
  describe(call) {
    noteBegin(call);
    const { source, database } = askedOf(call);
    const file = database.name ?? database.location?.() ?? '';
    const { name, attributes } = describeSql('sqlite', source, { database: basename(file) }, STANDARD);
    const isOpen = database.inTransaction === true || database.isTransaction === true;
    return { name, attributes: { ...attributes, ...(isOpen && IN_TRANSACTION) } };
  },
  atEnd(call) {
    const { source, database } = askedOf(call);
    const scans = scansOf(call, database, source);
    return scans === '' ? {} : { attributes: { [ATTR_DB_SCANS]: scans } };
  },
  statusCode: (error) => Object(error).errcode?.toString() ?? Object(error).code,
};

/** The statement of a call, and its database. */
function askedOf({ self = {}, arguments: [sql] }: Call<Database & Prepared>) {
  const { source = sql, database = self } = prepared.get(self) ?? self;
  return { source, database };
}

const spans = spansOf({ iterate: statement });
const iterating = new WeakMap<object, Call<Database>>();

/** `iterate` ends with its last row, or where its caller stops. */
function step({ self, result, error }: Call<object>): void {
  const call = iterating.get(Object(self));
  if (call === undefined) return;
  if (error !== undefined) spans.error('iterate', Object.assign(call, { error }));
  else if (Object(result).done === true) spans.end('iterate', Object.assign(call, { result }));
}

/** Spans of a library of SQLite. A statement that cannot be prepared has failed. */
export const sqliteListeners: Listeners = {
  ...listenersOf({ exec: statement, run: statement, get: statement, all: statement }),
  'prepare:end'({ self, arguments: [source], result }: Call<Database>) {
    if (self !== undefined) prepared.set(Object(result), { source, database: self });
  },
  // The statements of a transaction of better-sqlite3 are made in native code: another one of their class gives them channels.
  'exports:start': ({ self }: Call<{ prepare(sql: string): unknown }>) => self?.prepare('COMMIT'),
  'prepare:error'(call: Call<Database>) {
    spans.start('iterate', call);
    spans.error('iterate', call);
  },
  'iterate:start': (call: Call<Database>) => spans.start('iterate', call),
  'iterate:error': (call: Call<Database>) => spans.error('iterate', call),
  'iterate:end': (call: Call<Database>) => iterating.set(Object(call.result), call),
  'next:error': step,
  'next:end': step,
  'return:end': step,
};
