import type { Context } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import type { SdkSpan } from '../../beside/other-tracers.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { processWide } from '../../common/process-wide.ts';
import type { Turn } from '../http/call.ts';
import { askedTurn } from '../http/call.ts';
import { handlerOf } from './undici-call.ts';

/** The `dispatch` of undici's dispatchers. */
type Dispatch = (this: unknown, options: unknown, handler: unknown) => unknown;

/** The call that a handler of undici was dispatched for. */
interface Dispatched {
  caller: Context;
  /** The options that it was last dispatched with. */
  options: unknown;
  /** When it was dispatched, a reading of `monotonicNow()`. Undefined once there is a request. */
  since: number | undefined;
  /** The turn of the loop in which that was. */
  turn?: Turn | undefined;
  /** How many of its dispatches are on the stack. */
  depth: number;
}

/** Key of the call on a handler. Other copies of this package know it too. */
const DISPATCHED: unique symbol = Symbol.for('@tandem/telemetry dispatched 1') as never;
/** The calls of handlers that are frozen. */
const ofFrozen = processWide('dispatched frozen 1', new WeakMap<object, Dispatched>());

interface Handler {
  [DISPATCHED]?: Dispatched;
  readonly dispatch?: unknown;
}

/**
 * Makes a `dispatch` that runs in the context in which its handler was first dispatched. A pool without a free connection
 * keeps the handler, and dispatches it again in the context of whoever frees a connection; handlers of retries and redirects
 * dispatch themselves again, in the context of a timer or a socket.
 *
 * A handler may belong to several calls of an app. Only undici dispatches one again with the same options before it has made
 * a request, and only handlers that have a `dispatch` themselves dispatch themselves again.
 */
export function dispatchInCaller(original: Dispatch): Dispatch {
  return function dispatch(this: unknown, options, handler) {
    const call = callOf(options, handler);
    if (call === undefined) return original.call(this, options, handler);
    call.depth++;
    try {
      if (call.caller === context.active()) return original.call(this, options, handler);
      return context.with(call.caller, original, this, options, handler);
    } finally {
      call.depth--;
    }
  };
}

/** Makes an `unwrap` of undici 7, whose result hides the handler, that hands the call on to its result. */
export function unwrapWithCall(original: (handler: object) => object): (handler: object) => object {
  return function unwrap(this: unknown, handler) {
    const unwrapped = original.call(this, handler);
    const call = dispatchedOf(handler);
    if (unwrapped !== handler && call !== undefined) note(unwrapped, call);
    return unwrapped;
  };
}

function callOf(options: unknown, handler: unknown): Dispatched | undefined {
  if (typeof handler !== 'object' || handler === null) return undefined;
  try {
    const active = context.active();
    const known = dispatchedOf(handler);
    if (known === undefined || isOfAnother(known, options, handler)) {
      const call = { caller: active, options, since: monotonicNow(), turn: askedTurn(), depth: 0 };
      note(handler, call);
      return call;
    }
    if (known.depth > 0) known.caller = active; // a dispatcher that calls another one, perhaps in a span
    known.options = options;
    if (known.since === undefined) {
      known.since = monotonicNow();
      known.turn = askedTurn();
    }
    return known;
  } catch {
    return undefined; // a Proxy, whose traps throw
  }
}

/** Whether an app has dispatched its handler for another call. */
function isOfAnother(
  { depth, since, options: last }: Dispatched,
  options: unknown,
  handler: Handler,
): boolean {
  if (depth > 0 || (since !== undefined && last === options)) return false;
  // The handler of the interceptor `dns` hides its `dispatch`.
  return typeof handler.dispatch !== 'function' && handler.constructor?.name !== 'DNSDispatchHandler';
}

function dispatchedOf(handler: Handler): Dispatched | undefined {
  return handler[DISPATCHED] ?? ofFrozen.value.get(handler);
}

function note(handler: Handler, call: Dispatched): void {
  if (Object.isExtensible(handler)) handler[DISPATCHED] = call;
  else ofFrozen.value.set(handler, call);
}

/** Whose call a request of undici is. */
export interface Caller {
  readonly context: Context;
  /** When the call was dispatched, a reading of `monotonicNow()`; undefined where `dispatch` is not ours. */
  readonly since?: number | undefined;
  readonly turn?: Turn | undefined;
}

/**
 * Whose call a new request of undici is. Where `dispatch` is not ours, as in a bundle, the handlers of `request`, `stream` and
 * `pipeline` know their context themselves.
 */
export function callerOf(request: object): Caller {
  const active = context.active();
  const handler = handlerOf(request);
  const call = handler && dispatchedOf(handler);
  if (call === undefined) return { context: ownContextOf(handler, active) };
  const { since, turn } = call;
  call.since = undefined;
  return { context: active, since, turn };
}

/** Handlers lie within handlers of retries and redirects. */
const MOST_STEPS = 4;

/** The context of the AsyncResource that a handler is, or has within. An interceptor's span within that context stays. */
function ownContextOf(handler: object | undefined, active: Context): Context {
  let resource: { runInAsyncScope?: unknown; handler?: object } | undefined = handler;
  for (let step = 0; step < MOST_STEPS && resource !== undefined; step++) {
    const { runInAsyncScope } = resource;
    if (typeof runInAsyncScope === 'function') {
      const own: Context = runInAsyncScope.call(resource, () => context.active());
      return isBelow(active, own) ? active : own;
    }
    resource = Object(resource.handler);
  }
  return active;
}

function isBelow(active: Context, own: Context): boolean {
  if (active === own) return true;
  const span: SdkSpan | undefined = trace.getSpan(active);
  const caller = trace.getSpan(own);
  return (
    span === caller ||
    (caller !== undefined && span?.parentSpanContext?.spanId === caller.spanContext().spanId)
  );
}
