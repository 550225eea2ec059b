import type { Context } from '@opentelemetry/api';
import { context, diag } from '@opentelemetry/api';
import { Depth } from './app-place.ts';
import type { Called } from './loop-place.ts';
import { callerIn } from './loop-place.ts';

const depth = new Depth();
/** The caller of a fetch; undefined in a pool's callback, where only whoever asked the pool is known. */
interface FetchCaller {
  readonly called: Called | undefined;
}

let asked: FetchCaller | undefined;

/** Who called the `fetch` that is about to start its span. It is told once. */
export function takeAsked(): FetchCaller | undefined {
  const taken = asked;
  asked = undefined;
  return taken;
}

/**
 * Replaces the global `fetch`, which looks for its caller before undici has put twenty frames above it: V8 needs the more
 * time the more frames there are. Returns how to put it back.
 *
 * @param isUnknown whether the line of a call in a context has to be looked for
 */
export function noteFetch(isUnknown: (active: Context) => boolean): () => void {
  const original: typeof fetch | undefined = globalThis.fetch;
  if (original === undefined) return () => {}; // --no-experimental-fetch
  const { name, length } = original;
  const noted: typeof fetch = function (this: unknown, ...args) {
    try {
      const active = context.active();
      asked = isUnknown(active) ? { called: callerIn(active, depth) } : undefined;
    } catch (error) {
      diag.debug('A fetch has no line', error);
    }
    try {
      return Reflect.apply(original, this, args);
    } finally {
      asked = undefined;
    }
  };
  Object.defineProperties(noted, { name: { value: name }, length: { value: length } });
  globalThis.fetch = noted;
  return () => {
    if (globalThis.fetch === noted) globalThis.fetch = original;
  };
}
