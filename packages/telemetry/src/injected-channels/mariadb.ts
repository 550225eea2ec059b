import type { Context } from '@opentelemetry/api';
import { context, createContextKey } from '@opentelemetry/api';
import type { Command } from '../any-process/drivers/commands.ts';
import { describeSql, MAX_TEXT, mysqlErrorNumber } from '../any-process/drivers/commands.ts';
import { spansOf } from '../any-process/drivers/driver-spans.ts';
import { withoutValues } from '../any-process/drivers/sql-text.ts';
import { codeLines } from '../api/code-lines.ts';
import type { Call, Listeners } from './call.ts';
import { eventOf } from './call.ts';
import { callerOfStatement } from './caller-of-statement.ts';

/** Methods of the connector's inner connection, which promises and callbacks share. */
const METHODS = ['query', 'prepareExecute', 'batch', 'changeTransaction'];

/** Of a context that asked the pool. */
const ASKED = createContextKey('tandem asked a pool');

interface Connection {
  readonly opts: { readonly host?: string; readonly port?: number; readonly database?: string };
  readonly info: { readonly status: number };
  readonly receiveQueue: { peekFront(): unknown };
}

interface Statement extends Call<Connection> {
  result?: unknown;
  error?: unknown;
}

const command: Command<Statement> = {
  contextOf({ self, arguments: [asked] }) {
    if (isEndOfNothing(self, Object(asked).sql)) return undefined;
    const caller = callerOfStatement();
    return caller?.getValue(ASKED) === true ? caller : caller && knowingLine(caller);
  },
  describe({ self, arguments: [asked] }) {
    const { host, port, database } = self?.opts ?? {};
    const text = withoutValues(String(Object(asked).sql).slice(0, MAX_TEXT));
    return describeSql('mariadb', text, {
      ...(database !== undefined && { database }),
      ...(host !== undefined && { serverAddress: host }),
      ...(port !== undefined && { serverPort: port }),
    });
  },
  statusCode: mysqlErrorNumber,
};

const spans = spansOf(Object.fromEntries(METHODS.map((method) => [method, command])));

/** Spans of MariaDB's connector: a statement ends where the connector calls one of the two functions that it was given. */
export const mariadbListeners: Listeners = Object.fromEntries([
  ...METHODS.map((method) => [eventOf('mariadb', method, 'start'), (call: Statement) => start(method, call)]),
  [eventOf('mariadb', 'getConnection', 'start'), ask],
]);

function knowingLine(caller: Context): Context {
  return codeLines.value?.asking(caller) ?? caller;
}

function ask(call: Call): void {
  const caller = callerOfStatement();
  const at = call.arguments.findIndex((each) => typeof each === 'function');
  const given = call.arguments[at];
  if (caller !== undefined)
    call.arguments[at] = context.bind(knowingLine(caller).setValue(ASKED, true), given);
}

function start(channel: string, call: Statement): void {
  spans.start(channel, call);
  const caller = context.active();
  const [, resolve, reject] = call.arguments;
  if (typeof resolve !== 'function' || typeof reject !== 'function') return;
  call.arguments[1] = (...results: unknown[]) => {
    spans.asyncStart(channel, call);
    spans.asyncEnd(channel, call);
    return context.with(caller, () => resolve(...results));
  };
  call.arguments[2] = (error: unknown) => {
    call.error = withoutStatement(error);
    spans.error(channel, call);
    return context.with(caller, () => reject(error));
  };
}

/** The error with the server's own message: the connector adds the statement and its values. */
function withoutStatement(error: unknown): unknown {
  const { sqlMessage, message = '' } = Object(error);
  const value = sqlMessage ?? String(message).split('\nsql: ')[0];
  return Object.create(Object(error), { message: { value } });
}

/** The server's flag of an open transaction. */
const IN_TRANSACTION = 1;

/** The connector sends neither COMMIT nor ROLLBACK where no transaction is open, as when a pool gets a connection back. */
function isEndOfNothing(connection: Connection | undefined, sql: unknown): boolean {
  if (connection === undefined || (sql !== 'COMMIT' && sql !== 'ROLLBACK')) return false;
  const { receiveQueue, info } = connection;
  return receiveQueue.peekFront() === undefined && (info.status & IN_TRANSACTION) === 0;
}
