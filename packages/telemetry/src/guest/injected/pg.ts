import type { Context } from '@opentelemetry/api';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { leftToHost } from '../../beside/leave-to-host.ts';
import { asOriginal } from '../../common/as-original.ts';
import { quietly } from '../../common/quietly.ts';
import type { Pool } from '../../road/http/call.ts';
import { calls, poolAsked, poolGot } from '../../road/http/call.ts';
import type { Database } from '../published/commands.ts';
import { describeConnect, describeSql } from '../published/commands.ts';
import { endInVain, spansOf } from '../published/driver-spans.ts';
import { STANDARD } from '../published/sql-text.ts';
import type { Call } from './call.ts';
import { callerOfStatement } from './caller-of-statement.ts';
import type { Callback, Ending, Submitted } from './pg-endings.ts';
import { endAtCallback, endAtPromise, endBySubmitted, isSubmitted } from './pg-endings.ts';

type Method = (this: never, ...args: unknown[]) => unknown;

/** Where a client is connected, or a pool connects its clients. */
interface Server {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
}

/** The read part of a client. */
interface Client {
  readonly connectionParameters?: Server;
}

/** The read part of a pool. */
interface ClientPool extends Pool {
  readonly options: Server & { readonly max: number; readonly connectionString?: string };
  readonly totalCount: number;
}

/** A statement or a connection that a client is asked for. */
interface PgCall extends Call<Client> {
  readonly caller: Context;
  readonly text?: string | undefined;
}

/** The pool of each client that a caller got from one. */
const pools = new WeakMap<object, ClientPool>();

const spans = spansOf<PgCall>({
  query: {
    contextOf: ({ caller }) => caller,
    describe: ({ text, self }) =>
      describeSql('postgresql', text, databaseOf(self?.connectionParameters), STANDARD),
    hasRows: true,
  },
  connect: {
    contextOf: ({ caller }) => caller,
    describe: ({ self }) => describeConnect('postgresql', databaseOf(self?.connectionParameters)),
  },
});

/** A statement of a client has a span, whichever way it is asked: by a text or a config, with a callback or for a promise. */
export function queryOf(original: Method): Method {
  return asOriginal(
    function query(this: Client, ...args: unknown[]) {
      const text = textOf(args[0]);
      const caller = text === undefined || isLeft() ? undefined : callerOfStatement();
      const run = (given: unknown[]) => Reflect.apply(original, this as never, given);
      return caller === undefined
        ? run(args)
        : traced('query', { self: this, caller, text, arguments: args }, run);
    } as Method,
    original,
  );
}

/** A client connects outside of all traces, because its connection outlives the request that opens it. */
export function clientConnectOf(original: Method): Method {
  return asOriginal(
    function connect(this: Client, ...args: unknown[]) {
      if (isLeft()) return Reflect.apply(original, this as never, args);
      const run = (given: unknown[]) => outside(original, this, given);
      const caller = callerOfStatement();
      if (caller !== undefined) return traced('connect', { self: this, caller, arguments: args }, run);
      const active = context.active();
      return run(args.map((each) => (typeof each === 'function' ? context.bind(active, each) : each)));
    } as Method,
    original,
  );
}

/** A pool opens its connections outside of any trace: a connection outlives the request that needed it first. */
export function newClientOf(original: Method): Method {
  return asOriginal(
    function newClient(this: ClientPool, ...args: unknown[]) {
      return isLeft() ? Reflect.apply(original, this as never, args) : outside(original, this, args);
    } as Method,
    original,
  );
}

/** A caller waits for a connection of a pool, and goes on in its own context. A wait in vain has a span. */
export function poolConnectOf(original: Method): Method {
  return asOriginal(
    function connect(this: ClientPool, ...args: unknown[]) {
      if (isLeft()) return Reflect.apply(original, this as never, args);
      const caller = callerOfStatement();
      const asking = calls.asking(context.active());
      const couldOpen = this.idleCount === 0 && this.totalCount < this.options.max;
      const described = () => describeConnect('postgresql', databaseOf(serverOf(this)));
      const asked = poolAsked(this, {
        size: this.options.max,
        caller: asking,
        described: caller === undefined ? undefined : described,
      });
      const ending: Ending = {
        end: (connection) => {
          const isNew = !pools.has(Object(connection));
          pools.set(Object(connection), this);
          poolGot(asked, { connection: Object(connection), isNew });
        },
        fail: (error) => {
          poolGot(asked, { isNew: couldOpen, isVain: true });
          endInVain(asked, error);
        },
      };
      const [callback] = args;
      const isCalled = typeof callback === 'function';
      const given = isCalled ? [endAtCallback(callback as Callback, asking, ending), ...args.slice(1)] : args;
      const result = Reflect.apply(original, this as never, given);
      return isCalled ? result : endAtPromise(result, ending);
    } as Method,
    original,
  );
}

function isLeft(): boolean {
  return leftToHost.has('@opentelemetry/instrumentation-pg');
}

function outside(original: Method, self: object, args: unknown[]): unknown {
  return context.with(ROOT_CONTEXT, () => Reflect.apply(original, self as never, args));
}

/** Runs a method of a client with a span that ends as the app hears of the end. */
function traced(name: string, given: PgCall, run: (args: unknown[]) => unknown): unknown {
  const { caller, arguments: args, self } = given;
  const pool = pools.get(Object(self));
  const asked = { ...given, ...(pool && { pool: self as object, poolSize: pool.options.max }) };
  const ending: Ending = {
    end: (result) => spans.end(name, Object.assign(asked, { result: Object(result).rows })),
    fail: (error) => spans.error(name, Object.assign(asked, { error })),
  };
  let sent = args;
  let isPromised = false;
  quietly(() => {
    spans.start(name, asked);
    const [statement] = args as [Submitted?];
    const at = args.findLastIndex((each) => typeof each === 'function');
    if (isSubmitted(statement)) endBySubmitted(statement as Submitted, caller, ending);
    else if (at >= 0) sent = args.with(at, endAtCallback(args[at] as Callback, caller, ending));
    else if (typeof statement?.callback === 'function') {
      const value = endAtCallback(statement.callback as Callback, caller, ending);
      const own = { value, configurable: true, enumerable: true, writable: true };
      sent = args.with(0, Object.create(Object(statement), { callback: own }));
    } else isPromised = true;
  });
  try {
    const result = run(sent);
    return isPromised ? endAtPromise(result, ending) : result;
  } catch (error) {
    quietly(() => ending.fail(error));
    throw error;
  }
}

/** The text of a statement; undefined for what is none, which pg refuses. */
function textOf(asked: unknown): string | undefined {
  const { text, cursor }: Submitted = Object(asked);
  const found = typeof asked === 'string' ? asked : (text ?? cursor?.text);
  return typeof found === 'string' ? found : undefined;
}

/** Where a pool connects its clients. A URL wins over the other options. */
function serverOf({ options }: ClientPool): Server {
  const url = URL.parse(options.connectionString ?? '');
  if (url === null) return options;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(url.port || 5432), database: decodeURIComponent(url.pathname.slice(1)) };
}

function databaseOf({ host, port, database }: Server = {}): Database {
  return {
    ...(database && { database }),
    ...(host && { serverAddress: host }),
    ...(Number.isInteger(port) && { serverPort: port as number }),
  };
}
