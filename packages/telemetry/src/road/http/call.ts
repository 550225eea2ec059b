import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Context, Span, SpanOptions } from '@opentelemetry/api';
import { context, diag } from '@opentelemetry/api';
import { monotonicNow } from '../../common/primordials.ts';
import { processWide } from '../../common/process-wide.ts';

/** A socket of a request. TLS tells the protocol. */
export type CallSocket = Socket & { readonly alpnProtocol?: string | false | null };

/** A shorter part of a call is not worth an attribute, in milliseconds. */
export const LEAST_PART_MS = 1;

/** A request under way, and when what happened to it: readings of `performance.now()`; 0 for what has not happened. */
export abstract class Call {
  readonly span: Span;
  /** Called after the end of the span. */
  onEnd: (() => void) | undefined;
  /** When the request was asked for. */
  readonly created: number;
  sentAt = 0;
  headersAt = 0;

  /** @param created when the request was asked for, a reading of `performance.now()` */
  constructor(span: Span, created: number = monotonicNow()) {
    this.span = span;
    this.created = created;
  }

  /** The bytes that have arrived on the connection. Undefined while somebody reads, and before a part of the body is there. */
  abstract unreadBytes(): number | undefined;

  /** The request goes out on a connection, which may still be opening. */
  sent(connection: object): void {
    tell(calls.callSent, this, connection);
    this.sentAt = monotonicNow();
  }

  /**
   * The request ends, and its span after this.
   *
   * @param at when the span ends; default: at the headers of a response whose body nobody reads
   */
  ending(at: number = this.headersAt): void {
    tell(calls.callEnding, this, at);
  }
}

/** The moments of calls that features listen to, and what a feature answers. A call has room for what a listener keeps of it. */
export interface Calls {
  readonly callSent: ((call: Call, connection: object) => void)[];
  readonly callEnding: ((call: Call, at: number) => void)[];
  readonly connectionOpens: ((connection: EventEmitter) => void)[];
  readonly poolWaited: ((pool: unknown, since: number, isNew: boolean, caller: Context) => void)[];
  /** A context that knows who asks a pool of connections. Later the pool's callback starts a command in it. */
  asking(active: Context): Context;
  /**
   * The options of the span of a command, which begins with the wait for its connection.
   *
   * @param poolSize the most connections of the pool, where it is known
   */
  withWait(options: SpanOptions, pool: unknown, poolSize?: number): SpanOptions;
  /** Whether telemetry has started, whose settings say who listens; before, how to stop what listens by itself. */
  isDecided: boolean;
  stopUndecided?: (() => void) | undefined;
}

const asItIs = <T>(given: T): T => given;

/** All copies of this package share it: the copy that hears of a call may not be the one with the features. */
export const calls: Calls = processWide<Calls>('calls 1', {
  callSent: [],
  callEnding: [],
  connectionOpens: [],
  poolWaited: [],
  asking: asItIs,
  withWait: asItIs,
  isDecided: false,
}).value;

/** Tells the listeners of a moment. The error of a listener is caught here. */
function tell<Told extends unknown[]>(listeners: readonly ((...told: Told) => void)[], ...told: Told): void {
  for (const listener of listeners)
    try {
      listener(...told);
    } catch (error) {
      diag.debug('A feature of tracing failed', error);
    }
}

/** A connection begins to open. A session of HTTP/2 tells only when it is connected. */
export function connectionOpens(connection: EventEmitter): void {
  tell(calls.connectionOpens, connection);
}

/**
 * A wait for a connection of a pool ends now.
 *
 * @param pool whatever tells the pool apart
 * @param since reading of `performance.now()`
 * @param isNew whether the connection was opened meanwhile; else others used it
 */
export function poolWaited(pool: unknown, since: number, isNew: boolean, caller = context.active()): void {
  tell(calls.poolWaited, pool, since, isNew, caller);
}

/** Listens to a moment. @returns how to stop */
export function hear<Listener>(listeners: Listener[], listener: Listener): () => void {
  listeners.push(listener);
  return () => {
    const at = listeners.indexOf(listener);
    if (at >= 0) listeners.splice(at, 1);
  };
}

/** Answers in place of others. @returns how to stop */
export function answer<Name extends 'asking' | 'withWait'>(name: Name, answered: Calls[Name]): () => void {
  calls[name] = answered;
  return () => {
    if (calls[name] === answered) calls[name] = asItIs;
  };
}

/** Listens as long as no telemetry has started: with a host's own SDK, no settings say who listens. */
export function listenUndecided(listen: () => () => void): void {
  if (!calls.isDecided) calls.stopUndecided ??= listen();
}

/** Telemetry starts, and its settings say who listens. */
export function decideListeners(): void {
  calls.isDecided = true;
  calls.stopUndecided?.();
  calls.stopUndecided = undefined;
}

/** Milliseconds as attributes of calls and stalls have them. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
