import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Attributes, Context, Span, SpanOptions } from '@opentelemetry/api';
import { context, diag } from '@opentelemetry/api';
import { monotonicNow, nodeTiming } from '../../common/primordials.ts';
import { processWide } from '../../common/process-wide.ts';

/** A socket of a request. TLS tells the protocol. */
export type CallSocket = Socket & { readonly alpnProtocol?: string | false | null };

/** A shorter part of a call is not worth an attribute, in milliseconds. */
export const LEAST_PART_MS = 1;

/** A request under way, and when what happened to it: readings of `performance.now()`; 0 for what has not happened. */
export abstract class Call {
  readonly span: Span;
  /** When the request was asked for. */
  readonly created: number;
  sentAt = 0;
  headersAt = 0;

  /**
   * @param created when the request was asked for, a reading of `performance.now()`
   * @param asked the turn of the loop in which that was; default: the present one
   */
  constructor(span: Span, created: number = monotonicNow(), asked: Turn | undefined = askedTurn()) {
    this.span = span;
    this.created = created;
    if (asked !== undefined) tell(calls.callCreated, this, asked);
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

/** The moments of calls and answers that features listen to, and what a feature answers. A call has room for what a listener keeps of it. */
export interface Calls {
  readonly callCreated: ((call: Call, asked: Turn) => void)[];
  readonly callSent: ((call: Call, connection: object) => void)[];
  readonly callEnding: ((call: Call, at: number) => void)[];
  readonly connectionOpens: ((connection: EventEmitter) => void)[];
  readonly requestStarts: ((request: IncomingMessage) => void)[];
  readonly answered: ((connection: object | null | undefined) => void)[];
  readonly answerEnded: ((span: Span, response: ServerResponse) => void)[];
  readonly poolAsked: ((call: PoolCall) => void)[];
  readonly poolGot: ((call: PoolCall, got: Got) => void)[];
  /** A context that knows who asks a pool of connections. Later the pool's callback starts a command in it. */
  asking(active: Context): Context;
  /**
   * For how many milliseconds the process stood still from a time on, in the turn of the loop that the time is in, and at most until
   * another time. The times are readings of `performance.now()`.
   */
  stalledFrom(start: number, end: number): number;
  /** The line of code of who asked a pool, in a context that `asking` has made; empty where nobody knows. */
  lineOf(asked: Context): string;
  /**
   * The options of the span of a command, which begins with the wait for its connection.
   *
   * @param key the connection that the pool gave, or where that is not known, what tells the pool apart
   * @param poolSize the most connections of the pool, where it is known
   */
  withWait(options: SpanOptions, key: unknown, poolSize?: number): SpanOptions;
}

/** A pool that tells what happens to its connections. */
export interface Pool {
  /** How many connections nobody uses. */
  readonly idleCount: number;
  on(event: 'acquire' | 'remove', listener: (connection: object) => void): unknown;
}

/** A caller that asks a pool for a connection. */
export interface PoolCall {
  /** A pool, or whatever tells the pool apart. */
  readonly pool: unknown;
  /** The most connections of the pool, where it is known. */
  readonly size?: number | undefined;
  /** Reading of `performance.now()`. */
  readonly since: number;
  readonly caller: Context;
  /** What the span says of a wait that no command begins with; without it such a wait is not told. */
  readonly described?: (() => { readonly name: string; readonly attributes: Attributes }) | undefined;
}

/** What a caller got from a pool. */
export interface Got {
  /** Undefined where it is not known, and where the caller waited in vain. */
  readonly connection?: object | undefined;
  /** Whether the connection was opened meanwhile; else others used it. */
  readonly isNew: boolean;
  readonly isVain?: boolean;
}

/** What a feature answers. */
type Answered = 'asking' | 'lineOf' | 'stalledFrom' | 'withWait';

const asItIs = <T>(given: T): T => given;

/** What is answered where no feature does. */
const UNANSWERED: Pick<Calls, Answered> = {
  asking: asItIs,
  stalledFrom: () => 0,
  lineOf: () => '',
  withWait: asItIs,
};

/** All copies of this package share it: the copy that hears of a call may not be the one with the features. */
export const calls: Calls = processWide<Calls>('calls 4', {
  callCreated: [],
  callSent: [],
  callEnding: [],
  connectionOpens: [],
  requestStarts: [],
  answered: [],
  answerEnded: [],
  poolAsked: [],
  poolGot: [],
  ...UNANSWERED,
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

/** A request has come: its SERVER span starts after this. */
export function requestStarts(request: IncomingMessage): void {
  tell(calls.requestStarts, request);
}

/** The answer of a request has left, over a connection where it has one. */
export function answered(connection: object | null | undefined): void {
  tell(calls.answered, connection);
}

/** A request was answered: its SERVER span ends after this. */
export function answerEnded(span: Span, response: ServerResponse): void {
  tell(calls.answerEnded, span, response);
}

/** A caller asks a pool for a connection now. */
export function poolAsked(pool: unknown, asked: Partial<PoolCall> = {}): PoolCall {
  const call = { caller: context.active(), ...asked, pool, since: monotonicNow() };
  tell(calls.poolAsked, call);
  return call;
}

/** A caller has its connection now, or has waited in vain. */
export function poolGot(call: PoolCall, got: Got): void {
  tell(calls.poolGot, call, got);
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
export function answer<Name extends Answered>(name: Name, answered: Calls[Name]): () => void {
  calls[name] = answered;
  return () => {
    if (calls[name] === answered) calls[name] = (UNANSWERED as Calls)[name];
  };
}

/** A turn of the loop, and how long the loop had been idle by then, in milliseconds. */
export interface Turn {
  readonly loopCount: number;
  readonly idle: number;
}

export function turnOfLoop(): Turn {
  return { loopCount: nodeTiming.uvMetricsInfo.loopCount, idle: nodeTiming.idleTime };
}

/** The turn in which a call is asked for; undefined where no feature wants to know. */
export function askedTurn(): Turn | undefined {
  return calls.callCreated.length > 0 ? turnOfLoop() : undefined;
}

/**
 * Whether what was asked for in a turn comes at once: in that turn, or in the next one if the loop waited for nothing in between, as a
 * client gives back a connection some moments after its last answer. Then a connection was free, and what the process did
 * meanwhile was its own work.
 */
export function isAtOnce({ loopCount, idle }: Turn): boolean {
  const turns = nodeTiming.uvMetricsInfo.loopCount - loopCount;
  return turns === 0 || (turns === 1 && nodeTiming.idleTime === idle);
}

/**
 * How long a wait was, in milliseconds, without what the process did by itself in the turn in which it began. The times are readings of
 * `performance.now()`.
 */
export function waitBetween(start: number, end: number): number {
  return end > start ? end - start - calls.stalledFrom(start, end) : 0;
}

/** Milliseconds as attributes of calls and stalls have them. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
