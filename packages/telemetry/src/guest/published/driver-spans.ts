import type { Context, Span } from '@opentelemetry/api';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { enterContext } from '../../common/enter-context.ts';
import { recordFailure } from '../../common/failures.ts';
import { tracer } from '../../common/tracer.ts';
import type { PoolCall } from '../../road/http/call.ts';
import { calls, poolAsked, poolGot } from '../../road/http/call.ts';
import { endFailed, recordedContext, recordRows } from '../../road/statements/query-spans.ts';
import { LIBRARIES } from '../libraries.ts';
import type { Command, DriverMessage } from './commands.ts';
import { COMMANDS, describeConnect, noteDatabase } from './commands.ts';
import { isOfUnknownCaller, noteEnd, noteWait } from './unknown-caller.ts';

/** A command that is under way, or a connection that a driver opens or a caller waits for. */
interface Open {
  /** The context that called the driver. */
  readonly caller: Context;
  /** Undefined once the span has ended, and without a span. */
  span: Span | undefined;
  /** Of a pool: the wait of its caller, and whether the pool opens a connection. */
  readonly asked?: PoolCall | undefined;
  isNew?: boolean;
  /** Leaves the context that `start` or `asyncStart` entered. */
  leave: { dispose(): void } | undefined;
}

const pools = Object.values(LIBRARIES).flatMap(({ pool, systems: [system = ''] = [] }) =>
  pool === undefined ? [] : [{ ...pool, system }],
);
/** Channels on which a caller asks a pool for a connection → the system of the pool. */
const ASKED: ReadonlyMap<string, string> = new Map(pools.map(({ asked, system }) => [asked, system]));
/** Channels of connections that pools open, in the turn in which somebody asks. */
const OPENED: ReadonlySet<string> = new Set(pools.flatMap(({ opened }) => opened ?? []));
/** The pool that looks for a connection in this turn. */
let asked: Open | undefined;

/**
 * Makes a span of each command by the stable semantic conventions for databases, messaging and GraphQL, from the events of the
 * driver's tracing channel. A command outside of a trace makes no span, like a statement of `tracedDialect`.
 *
 * A driver's callback runs in the context that called the driver. A connection opens outside of all traces, because the
 * connection outlives the request that opens it, and the driver's later work runs in the connection's context.
 *
 * @param commands rows by channel; a channel without a row opens connections
 */
export function spansOf<M extends DriverMessage>(commands: Readonly<Record<string, Command<M>>>) {
  /** The commands under way, by the message that all events of a command share. */
  const open = new WeakMap<object, Open>();

  function finish(channel: string, message: M): void {
    noteEnd(message);
    const failure = commands[channel]?.failureIn?.(message.result);
    const span = take(channel, message);
    if (commands[channel]?.hasRows) recordRows(span, rowsIn(message.result));
    if (failure === undefined) span?.end();
    else endFailed(span, failure);
  }

  /** Takes the span of a finished command, once. */
  function take(channel: string, message: M): Span | undefined {
    const command = open.get(message);
    const span = command?.span;
    if (command === undefined || span === undefined) return undefined;
    command.span = undefined;
    const { name, attributes } = commands[channel]?.atEnd?.(message) ?? {};
    if (name !== undefined) span.updateName(name);
    return attributes === undefined ? span : span.setAttributes(attributes);
  }

  return {
    start(channel: string, message: M): void {
      const system = ASKED.get(channel);
      const isPool = system !== undefined;
      const caller = isPool ? calls.asking(context.active()) : context.active();
      const command = commands[channel];
      const described = isPool && recordedContext() ? () => describeConnect(system, message) : undefined;
      const asking = isPool ? poolAsked(poolOf(message), { caller, described }) : undefined;
      const opened: Open = { caller, span: undefined, leave: undefined, asked: asking };
      open.set(message, opened);
      if (isPool) asked = opened;
      if (OPENED.has(channel) && asked !== undefined) asked.isNew = true;
      if (command === undefined) {
        noteDatabase(message);
        opened.leave = enterContext(ROOT_CONTEXT);
        return;
      }
      const parent = command.contextOf === undefined ? recordedContext() : command.contextOf(message);
      if (parent === undefined || isOfUnknownCaller(channel, message)) return;
      const told = command.describe(message);
      if (told === undefined) return;
      const { name, attributes, links = [] } = told;
      const own = { kind: command.kind ?? SpanKind.CLIENT, attributes, links };
      const { pool = poolOf(message), poolSize } = message;
      const options = calls.withWait(own, pool, poolSize);
      const span = tracer().startSpan(name, options, parent);
      opened.span = span;
      const below = trace.setSpan(parent, span);
      command.send?.(message, below);
      if (command.isParent) opened.leave = enterContext(below);
    },
    /** The command has returned: with its result, or with a promise. */
    end(channel: string, message: M): void {
      if (ASKED.has(channel)) asked = undefined;
      open.get(message)?.leave?.dispose();
      if ('result' in message) finish(channel, message);
    },
    /** Node calls the driver's callback next, in the context of the connection. */
    asyncStart(channel: string, message: M): void {
      finish(channel, message);
      const command = open.get(message);
      if (command === undefined) return;
      const { caller, asked: asking, isNew = false } = command;
      const isVain = 'error' in message;
      if (asking !== undefined) poolGot(asking, { isNew, isVain });
      if (asking !== undefined && isVain) endInVain(asking, message.error);
      command.leave = enterContext(caller);
    },
    asyncEnd(_channel: string, message: M): void {
      open.get(message)?.leave?.dispose();
    },
    wait: (_channel: string, message: M): void => noteWait(message),
    error(channel: string, message: M): void {
      const { kind, statusCode, isFailure, told } = commands[channel] ?? {};
      const span = take(channel, message);
      const isMessage = kind === SpanKind.CONSUMER || kind === SpanKind.PRODUCER;
      if (!isMessage) {
        endFailed(span, told?.(message.error) ?? message.error, statusCode?.(message.error));
        return;
      }
      if (span !== undefined && isFailure?.(message.error) !== false) recordFailure(span, message.error);
      span?.end();
    },
  };
}

/** A wait for a connection that ended in vain has a span, below whoever waited. */
export function endInVain({ pool, since, caller, described }: PoolCall, error: unknown): void {
  if (described === undefined) return;
  const { name, attributes } = described();
  const own = { kind: SpanKind.CLIENT, attributes, startTime: since };
  const options = context.with(caller, () => calls.withWait(own, pool));
  endFailed(tracer().startSpan(name, options, caller), error);
}

/** The rows of a result; mssql has them in an object. */
function rowsIn(result: unknown): unknown {
  return Array.isArray(result) ? result : Object(result).recordset;
}

/** Pools publish no name: those of one server are one. */
function poolOf({ serverAddress, serverPort }: DriverMessage): string {
  return `${serverAddress}:${serverPort}`;
}

/** Spans of drivers that publish their commands. */
export const driverSpans = spansOf(COMMANDS);
