import { TOOL_FIELDS } from './agents/tool-of.ts';

/** The prefix of the names of a test runner's own spans, Vitest's: its modules, workers and configuration are not the app's work. */
export const TEST_RUNNER_PREFIX = 'vitest.';

/** Names that are only a method, as a pattern for JavaScript and for SQL. */
export const METHOD_ALONE = '(?:HTTP )?(?:[A-Z]*|get|head|post|put|patch|delete|options)';
/** A fact's column in the outline, its spans, and its meaning. */
interface Fact {
  /** The outline's member. */
  readonly as: string;
  readonly type: 'text' | 'number' | 'key' | 'flag';
  /** Spans whose fact is sent to the page; absent for all spans. */
  readonly of?: 'failed' | 'roots' | 'failed, roots and servers';
  /** For texts: the sender's fields that the text comes from, for redaction. */
  readonly from?: readonly string[];
}

/**
 * Facts that some spans have, each written once. Their SQL is in `span-columns.ts`, under the same names. Records, the outline,
 * the model, comparisons, redaction and summaries are made from this table.
 *
 * A text is empty in a record, and undefined in the model, where a span has no such fact; a number is 0. A key is a number that is
 * equal for spans that have something in common; in the outline such keys count from 1.
 */
export const SPAN_FACTS = {
  statusMessage: { as: 'status_message', type: 'text', from: ['status_message'] },
  /** HTTP's or gRPC's status code. */
  statusCode: {
    as: 'status_code',
    type: 'text',
    of: 'failed, roots and servers',
    from: ['http.response.status_code', 'http.status_code', 'rpc.grpc.status_code'],
  },
  /** The exception's message, else the text of `error`, else `error.type`. */
  problem: {
    as: 'problem',
    type: 'text',
    of: 'failed',
    from: ['exception.message', 'error', 'error.type'],
  },
  /** The message of a failed span's exception, else the exception's type. */
  exception: { as: 'exception', type: 'text', of: 'failed', from: ['exception.message', 'exception.type'] },
  exceptionType: { as: 'exception_type', type: 'text', of: 'failed', from: ['exception.type'] },
  /** The first frame of the app in the exception's stack. */
  frame: { as: 'frame', type: 'text', of: 'failed', from: ['exception.stacktrace'] },
  /** The exception of an error that was logged in a span without one, `TypeError: no total`; and its first frame of the app. */
  logged: { as: 'logged', type: 'text', from: ['exception.message', 'exception.type'] },
  loggedFrame: { as: 'logged_frame', type: 'text', from: ['exception.stacktrace'] },
  /** The line of code that made the call, or where the error began: `src/orders.js:31`. */
  line: {
    as: 'line',
    type: 'text',
    from: ['code.file.path', 'code.line.number', 'code.column.number', 'code.function.name'],
  },
  /** The function of this line. */
  function: { as: 'function', type: 'text', from: ['code.function.name'] },
  /** The line of the loop, or of the function that calls one by one, which made the call through helpers. */
  loop: { as: 'loop', type: 'text', from: ['tandem.loop'] },
  /** Route or template of the URL. */
  route: { as: 'route', type: 'text', of: 'roots', from: ['http.route', 'url.template'] },
  /** The called host and path of a CLIENT span, or the path of a SERVER span, whose name is only a method. */
  target: {
    as: 'target',
    type: 'text',
    from: ['url.full', 'http.url', 'url.path', 'http.target', 'server.address', 'net.peer.name'],
  },
  /** The functions that ran in the span's own time, as JSON; see `own-time.ts`. */
  ownTime: { as: 'own_time', type: 'text', from: ['tandem.own_time'] },
  /** The stalls of its process, as JSON: see `stalls.ts`. Milliseconds of all of them, and before the span. */
  stalls: {
    as: 'stalls',
    type: 'text',
    from: ['tandem.stall.beside', 'tandem.stall.request', 'url.path', 'code.function.name', 'code.file.path'],
  },
  stalled: { as: 'stalled_ms', type: 'number' },
  /** Milliseconds that a statement with stalls usually takes without them; 0 where nobody knows. */
  usual: { as: 'usual_ms', type: 'number' },
  /** Milliseconds that the service's other statements take, of a statement that is slow beside them; 0 for any other. */
  otherStatements: { as: 'other_statements_ms', type: 'number' },
  stalledBefore: { as: 'stalled_before_ms', type: 'number' },
  /** JSON: of the time before the span, the milliseconds in which the thread ran, and waited for a processor. */
  stalledBeforeTimes: { as: 'stalled_before_times', type: 'text', from: [] },
  stalledBeforeKind: { as: 'stalled_before_kind', type: 'text', from: ['tandem.stalled_before.kind'] },
  /** The request that ran meanwhile, its name and its path in two lines. */
  stalledBeforeRequest: {
    as: 'stalled_before_request',
    type: 'text',
    from: ['tandem.stalled_before.request', 'url.path'],
  },
  /** The parts of a call, in milliseconds: see `call-parts.ts`. */
  waiting: { as: 'waiting_ms', type: 'number' },
  dns: { as: 'dns_ms', type: 'number' },
  connecting: { as: 'connect_ms', type: 'number' },
  tls: { as: 'tls_ms', type: 'number' },
  firstByte: { as: 'ttfb_ms', type: 'number' },
  receiving: { as: 'receiving_ms', type: 'number' },
  /** JSON: how many calls of its line opened connections, of a line whose calls do so each time: see `habits/own-connections.ts`. */
  ownConnections: { as: 'own_connections', type: 'text', from: [] },
  /** JSON: of a call that several requests made at once, how many: see `habits/calls-at-once.ts`. */
  atOnce: { as: 'at_once', type: 'text', from: [] },
  /** Connections of a call's pool, and the database or address that they go to. */
  poolSize: { as: 'pool_size', type: 'number' },
  peer: { as: 'peer', type: 'text', from: ['db.namespace', 'server.address', 'net.peer.name'] },
  /** How many of them others held while a call waited, for which request, at which line; and whether these requests had ended before. */
  held: { as: 'held', type: 'number' },
  heldBy: { as: 'held_by', type: 'text', from: ['tandem.call.held_by', 'url.path'] },
  heldAt: { as: 'held_at', type: 'text', from: ['tandem.code.held_at', 'code.file.path'] },
  isHeldAfterEnd: { as: 'held_after_end', type: 'flag' },
  /** Of an answer that is large enough to tell why its call, or what came after it, took long: its rows, and the bytes of its body. */
  rows: { as: 'rows', type: 'number' },
  bytes: { as: 'bytes', type: 'number' },
  /** The tables that a statement reads row by row, by its plan. */
  scans: { as: 'scans', type: 'text', from: ['tandem.db.scans', 'db.query.text'] },
  /** The tool that an agent used. */
  tool: { as: 'tool', type: 'text', from: TOOL_FIELDS },
  queue: { as: 'queue', type: 'text', from: ['messaging.destination.name', 'bullmq.queue.name'] },
  /** Equal for spans of one message; 0 where the message has no id. */
  message: { as: 'message', type: 'key' },
  links: { as: 'links', type: 'number' },
  /** For calls, equal for equal arguments; 0 when the arguments are unknown. */
  call: { as: 'call', type: 'key' },
  /** Of a longer GET the same, but equal in all traces; 0 for any other call. */
  asked: { as: 'asked', type: 'number' },
  /** For calls of a key-value store, equal for equal keys; 0 when the key is unknown. */
  resource: { as: 'resource', type: 'key' },
  /** For calls, equal for statements that differ only in their values; 0 without a statement. */
  statement: { as: 'statement', type: 'key' },
  /** What a statement does, or the path of a call or request with only a method for a name: see `shapes.ts`. */
  shape: {
    as: 'shape',
    type: 'text',
    from: ['db.query.text', 'db.statement', 'url.full', 'http.url', 'url.path', 'http.target'],
  },
  /** Whether the span called a database. */
  isDatabase: { as: 'database', type: 'flag' },
  /** Whether the database was PostgreSQL. */
  isPostgres: { as: 'postgres', type: 'flag' },
  /** Whether the client of a SERVER span left before it had its answer. */
  isLeft: { as: 'left', type: 'flag' },
  /** Whether the answer of a request was a stream of events, and whether it said when to come back. */
  isStreaming: { as: 'streaming', type: 'flag' },
  saysLater: { as: 'says_later', type: 'flag' },
  /** Whether a call failed within its upload, so that its caller had not given up waiting. */
  isUploadCut: { as: 'upload_cut', type: 'flag' },
  /** Whether the span is a test runner's own, and not the app's work. */
  isTestRunner: { as: 'test_runner', type: 'flag' },
  /** Whether the span called a generative model. */
  isGenerative: { as: 'generative', type: 'flag' },
} as const satisfies Record<string, Fact>;

export type FactName = keyof typeof SPAN_FACTS;

type TypeOf<Name extends FactName> = (typeof SPAN_FACTS)[Name]['type'];

export type SpanFacts = {
  readonly [Name in FactName]: TypeOf<Name> extends 'text'
    ? string
    : TypeOf<Name> extends 'flag'
      ? boolean
      : number;
};

/** One entry `[index, value]` for each span with the property, for properties that few spans have. */
export type Sparse<T> = readonly (readonly [index: number, value: T])[];

/** The facts in the outline, flags as a list of indexes. */
export type FactLists = {
  readonly [Name in FactName as (typeof SPAN_FACTS)[Name]['as']]: TypeOf<Name> extends 'text'
    ? Sparse<string>
    : TypeOf<Name> extends 'flag'
      ? readonly number[]
      : Sparse<number>;
};

/** Reads a fact of a span of the model by the span's index. */
export type FactReaders = {
  readonly [Name in FactName]: (
    index: number,
  ) => TypeOf<Name> extends 'text' ? string | undefined : TypeOf<Name> extends 'flag' ? boolean : number;
};

export const FACTS = Object.entries(SPAN_FACTS) as readonly (readonly [FactName, Fact])[];

/** The names of some facts. */
export function factsOfType<Type extends Fact['type']>(...types: readonly Type[]) {
  const names = FACTS.flatMap(([name, { type }]) => (types.some((each) => each === type) ? [name] : []));
  return names as { [Name in FactName]: TypeOf<Name> extends Type ? Name : never }[FactName][];
}

/** The readers of an outline's facts. */
export function factReaders(lists: FactLists): FactReaders {
  const readers = FACTS.map(([name, { as, type }]) => {
    const list = lists[as as keyof FactLists];
    if (type === 'flag') {
      const having = new Set(list as readonly number[]);
      return [name, (index: number) => having.has(index)] as const;
    }
    const values = new Map(list as Sparse<string | number>);
    const absent = type === 'text' ? undefined : 0;
    return [name, (index: number) => values.get(index) ?? absent] as const;
  });
  return Object.fromEntries(readers) as unknown as FactReaders;
}
