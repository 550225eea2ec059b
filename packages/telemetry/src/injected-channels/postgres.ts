import type { Attributes, Context, Span } from '@opentelemetry/api';
import { context, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { endWait, withWait } from '../api/call-parts.ts';
import { codeLines } from '../api/code-lines.ts';
import { enterContext } from '../api/enter-context.ts';
import { tracer } from '../api/tracer.ts';
import { endFailed } from '../statements/query-spans.ts';
import type { Call, Listeners } from './call.ts';
import { eventOf } from './call.ts';
import { callerOfStatement } from './caller-of-statement.ts';
import { describeStandard } from './sql-span.ts';

/** The read and replaced parts of a query, which is a promise and a statement, or a fragment of one. */
interface Query extends Promise<unknown> {
  readonly strings: readonly string[];
  readonly args: readonly unknown[];
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

/** A statement under way. */
interface Open {
  readonly span: Span;
  readonly text: string;
  readonly since: number;
  isExecuted?: boolean;
  /** The query's own `resolve`, replaced. */
  resolve?: Query['resolve'];
}

/** The context of the code that wrote a query. An awaited query starts in a later turn, without its caller on the stack. */
const callers = new WeakMap<Query, Context>();
const open = new WeakMap<Query, Open>();
const optionsOf = new WeakMap<object, Options>();
/** The contexts that `connect` entered. */
const entered = new WeakMap<Call, { dispose(): void } | undefined>();

/**
 * Spans of postgres.js. A query is sent when somebody first waits for it, and `handle` is called each time; it ends when it is
 * resolved or rejected. A connection opens outside of all traces, as those of other drivers.
 */
export const postgresListeners: Listeners = {
  [eventOf('postgres', 'constructor', 'end')]({ self }: Call<Query>) {
    const caller = callerOfStatement();
    if (self !== undefined && caller !== undefined)
      callers.set(self, codeLines.value?.asking(caller) ?? caller);
  },
  [eventOf('postgres', 'handle', 'start')]({ self }: Call<Query>) {
    if (self === undefined) return;
    const caller = callers.get(self) ?? callerOfStatement();
    if (!self.executed && caller !== undefined) start(self, caller);
    watchEnd(self);
  },
  [eventOf('postgres', 'Connection', 'end')]({ arguments: [options], result }: Call) {
    optionsOf.set(Object(result), options as Options);
  },
  [eventOf('postgres', 'connect', 'start')](call: Call<object>) {
    const [query] = call.arguments as [Query];
    open.get(query)?.span.setAttributes(placeOf(optionsOf.get(Object(call.self))));
    entered.set(call, enterContext(ROOT_CONTEXT));
  },
  [eventOf('postgres', 'connect', 'end')](call: Call) {
    entered.get(call)?.dispose();
  },
  [eventOf('postgres', 'execute', 'start')]({ self, arguments: [query] }: Call<object>) {
    const opened = open.get(query as Query);
    if (opened === undefined || opened.isExecuted) return;
    opened.isExecuted = true;
    // The query that opens a connection is executed by nobody.
    const options = self === undefined ? undefined : optionsOf.get(self);
    endWait(query, opened.since, options === undefined);
    const { attributes } = withWait({}, query, options?.max);
    opened.span.setAttributes({ ...placeOf(options), ...attributes });
  },
};

function start(query: Query, caller: Context): void {
  const text = textOf(query);
  const { name, attributes } = describeStandard('postgresql', text);
  const span = tracer().startSpan(name, { kind: SpanKind.CLIENT, attributes }, caller);
  const opened: Open = { span, text, since: performance.now() };
  open.set(query, opened);
  const { forEachFn, cursorFn } = query;
  if (forEachFn !== undefined) query.forEachFn = context.bind(caller, forEachFn);
  if (cursorFn !== undefined) query.cursorFn = context.bind(caller, cursorFn);
}

/** Replaces the functions that end a query. An iterator of a cursor makes new ones for each of its steps. */
function watchEnd(query: Query): void {
  const opened = open.get(query);
  const { resolve, reject } = query;
  if (opened === undefined || opened.resolve === resolve) return;
  const { span } = opened;
  opened.resolve = (result) => {
    if (span.isRecording() && !(query.streaming && query.active)) {
      tell(query, opened);
      span.end();
    }
    return resolve(result);
  };
  query.resolve = opened.resolve;
  query.reject = (error) => {
    tell(query, opened);
    if (span.isRecording()) endFailed(span, error);
    return reject(error);
  };
}

/** Writes the statement as it was sent: names and lists of columns are put in late. */
function tell(query: Query, { span, text }: Open): void {
  const sent = textOf(query);
  if (sent === text || !span.isRecording()) return;
  const { name, attributes } = describeStandard('postgresql', sent);
  span.updateName(name).setAttributes(attributes);
}

/**
 * The text of a query, or of a fragment in it. Before the query has a connection, a parameter stands for everything that is
 * put in.
 */
function textOf({ string, strings, args }: Query, known = { parameters: 0 }): string {
  if (string !== undefined) return string;
  return strings.map((part, at) => (at === 0 ? '' : placeholderOf(args[at - 1], known)) + part).join('');
}

function placeholderOf(value: unknown, known: { parameters: number }): string {
  if (isQuery(value)) return textOf(value, known);
  known.parameters += 1;
  return `$${known.parameters}`;
}

function isQuery(value: unknown): value is Query {
  return value instanceof Promise && 'strings' in value && 'args' in value;
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
