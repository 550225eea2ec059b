import type { EventEmitter } from 'node:events';
import type { Context, Span } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import { enterContext } from '../../common/enter-context.ts';
import { Given } from '../../road/http/server-span.ts';

type Emitter = EventEmitter & { push?: unknown };

/** A request or a response whose listeners run in a context. All have the same getters: V8 gives them the same shape then. */
class Within extends Given {
  readonly #own: Context;
  readonly #span: Span | undefined;
  #emit: Emitter['emit'];
  #push: unknown;

  constructor(emitter: Emitter, own: Context) {
    super(emitter);
    this.#own = own;
    this.#span = trace.getSpan(own);
    this.#emit = emitter.emit;
    this.#push = emitter.push;
  }

  /** The object itself, or the one that it inherits from. */
  static #of(emitter: object | null): Within | undefined {
    for (let each = emitter; each !== null; each = Object.getPrototypeOf(each)) if (#own in each) return each;
    return undefined;
  }

  static readonly #emitInContext: Emitter['emit'] = function emitInContext(this: Emitter, ...args) {
    const within = Within.#of(this);
    if (within === undefined) return Object.getPrototypeOf(this).emit.apply(this, args);
    const emit = within.#emit;
    if (this.listenerCount(args[0]) === 0) return emit.apply(this, args);
    return context.with(within.#own, () => emit.apply(this, args));
  };

  static readonly emit: PropertyDescriptor & ThisType<Emitter> = {
    configurable: true,
    get() {
      const within = Within.#of(this);
      if (within === undefined) return Object.getPrototypeOf(this).emit; // of a proxy
      return trace.getSpan(context.active()) === within.#span ? within.#emit : Within.#emitInContext;
    },
    set(replaced: Emitter['emit']) {
      if (#own in this) this.#emit = replaced;
      else replaceOn(this, 'emit', replaced);
    },
  };

  static readonly push: PropertyDescriptor & ThisType<Emitter> = {
    configurable: true,
    get() {
      const within = Within.#of(this);
      if (within === undefined) return Object.getPrototypeOf(this).push; // of a proxy
      if (context.active() !== within.#own) enterContext(within.#own);
      return within.#push;
    },
    set(replaced: unknown) {
      if (#own in this) this.#push = replaced;
      else replaceOn(this, 'push', replaced);
    },
  };
}

function replaceOn(emitter: object, name: string, value: unknown): void {
  Object.defineProperty(emitter, name, { value, configurable: true, enumerable: true, writable: true });
}

/**
 * Makes listeners of a request or a response run in its context. Node emits `data`, `end` and `close` in the context of the
 * connection. Both members are getters, which have returned when a listener runs: no frame of theirs is in its stack.
 * `push` is what Node calls with each piece of a body and at its end, in a callback of its own, so that what is entered there
 * ends with the callback. Where Node emits without a context, as when a client has left, `emit` has to lead back.
 */
export function emitWithin(own: Context, emitter: Emitter): void {
  new Within(emitter, own);
  Object.defineProperty(emitter, 'emit', Within.emit);
  if (emitter.push !== undefined) Object.defineProperty(emitter, 'push', Within.push);
}
