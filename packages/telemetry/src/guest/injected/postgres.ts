import type { Attributes, Context } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';
import { quietly } from '../../common/quietly.ts';
import type { PoolCall } from '../../road/http/call.ts';
import { calls, poolAsked, poolGot } from '../../road/http/call.ts';
import type { Described } from '../published/commands.ts';
import { describeSql } from '../published/commands.ts';
import { spansOf } from '../published/driver-spans.ts';
import { STANDARD } from '../published/sql-text.ts';
import type { Call, Listeners } from './call.ts';
import { callerOfStatement } from './caller-of-statement.ts';

/** The read and replaced parts of a query, which is a promise and a statement, or a fragment of one. */
interface Query extends Promise<unknown> {
  readonly strings: readonly string[];
  /** The whole text, once the query has a connection. */
  readonly string?: string;
  readonly executed: boolean;
  readonly active: boolean;
  /** COPY: the first result is a stream, and the second one the end. */
  readonly streaming?: boolean;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  forEachFn?: (...args: unknown[]) => unknown;
  cursorFn?: (...args: unknown[]) => unknown;
}

/** The read options of a client. */
interface Options {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
  readonly database?: string;
  readonly max: number;
}

/** A statement under way: the first call of `handle`. */
interface Statement extends Call<Query> {
  caller: Context;
  text: string;
  asked?: PoolCall;
  options?: Options;
  /** Whether the statement opens its connection. */
  isFirst?: boolean;
  /** Whether it waited, once it is sent. */
  wait?: Attributes;
  /** The query's own `resolve`, replaced. */
  resolve?: Query['resolve'];
}

/** The context of the code that wrote a query. An awaited query starts in a later turn, without its caller on the stack. */
const callers = new WeakMap<object, Context>();
const open = new WeakMap<object, Statement>();
const optionsOf = new WeakMap<object, Options>();

const spans = spansOf<Statement>({
  handle: {
    contextOf: ({ caller }) => caller,
    hasRows: true,
    describe: ({ text }) => describeSql('postgresql', text, {}, STANDARD),
    /** The statement as it was sent: fragments, names and lists of columns are put in late. */
    atEnd({ self, text, options, wait }) {
      const sent = sentText(self as Query);
      const late: Partial<Described> = sent === text ? {} : describeSql('postgresql', sent, {}, STANDARD);
      return { ...late, attributes: { ...late.attributes, ...placeOf(options), ...wait } };
    },
  },
});

/**
 * Spans of postgres.js. A query is sent when somebody first waits for it, and `handle` is called each time; it ends when it is
 * resolved or rejected. A connection opens outside of all traces, because its channel has no command.
 */
export const postgresListeners: Listeners = {
  // A query sets its state as it is made, and again as it is sent.
  'state:end'({ self, arguments: [state] }: Call<object>) {
    const statement = open.get(Object(self));
    const caller = state === null ? callerOfStatement() : undefined;
    if (caller !== undefined) callers.set(Object(self), calls.asking(caller));
    if (statement !== undefined && statement.wait === undefined) noteWait(statement);
  },
  'handle:start'(call: Call<Query>) {
    const { self } = call;
    if (self === undefined) return;
    const caller = callers.get(self) ?? callerOfStatement();
    if (!self.executed && caller !== undefined) start(self, call, caller);
    watchEnd(self);
  },
  // What makes connections is all that a file exports: in CommonJS, and as `default` in ES modules.
  'exports:end': noteOptions,
  'default:end': noteOptions,
  'connect:start'(call: Call<object>) {
    notePlace(call, true);
    spans.start('connect', call as never);
  },
  'connect:end': (call: Call) => spans.end('connect', call as never),
  'execute:start': (call: Call<object>) => notePlace(call, false),
};

function noteOptions({ arguments: [options], result }: Call): void {
  optionsOf.set(Object(result), options as Options);
}

function start(query: Query, call: Call<Query>, caller: Context): void {
  const statement: Statement = Object.assign(call, { caller, text: sentText(query) });
  statement.asked = poolAsked(statement, { caller });
  open.set(query, statement);
  spans.start('handle', statement);
  const { forEachFn, cursorFn } = query;
  if (forEachFn !== undefined) query.forEachFn = context.bind(caller, forEachFn);
  if (cursorFn !== undefined) query.cursorFn = context.bind(caller, cursorFn);
}

/** Replaces the functions that end a query. An iterator of a cursor makes new ones for each of its steps. */
function watchEnd(query: Query): void {
  const statement = open.get(query);
  const { resolve, reject } = query;
  if (statement === undefined || statement.resolve === resolve) return;
  statement.resolve = (result) => {
    if (!(query.streaming && query.active))
      quietly(() => spans.end('handle', Object.assign(statement, { result })));
    return resolve(result);
  };
  query.resolve = statement.resolve;
  query.reject = (error) => {
    quietly(() => spans.error('handle', Object.assign(statement, { error })));
    return reject(error);
  };
}

function notePlace({ self, arguments: [query] }: Call<object>, isFirst: boolean): void {
  const statement = open.get(Object(query));
  const options = optionsOf.get(Object(self));
  if (statement !== undefined) Object.assign(statement, { options, isFirst });
}

function noteWait(statement: Statement): void {
  if (statement.asked !== undefined) poolGot(statement.asked, { isNew: statement.isFirst === true });
  statement.wait = calls.withWait({}, statement, statement.options?.max).attributes ?? {};
}

/** The text of a query; before it has a connection, a parameter stands for everything that is put in. */
function sentText({ string, strings }: Query): string {
  return string ?? strings.reduce((text, part, at) => `${text}$${at}${part}`);
}

/** The database of a client. A client with several servers does not say which one it asks. */
function placeOf(options: Options | undefined): Attributes {
  if (options === undefined) return {};
  const { host, port, path, database } = options;
  return {
    'db.namespace': database,
    'server.address': path || (host.length === 1 ? host[0] : undefined),
    'server.port': path || host.length !== 1 ? undefined : port[0],
  };
}
