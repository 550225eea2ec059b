import type { Context } from '@opentelemetry/api';
import { context, diag } from '@opentelemetry/api';
import type { Looked } from './app-place.ts';
import { Depth, lookUp } from './app-place.ts';

const depth = new Depth();
let asked: Looked | undefined;

/** Who called the `fetch` that is about to start its span. It is told once. */
export function takeAsked(): Looked | undefined {
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
      asked = isUnknown(context.active()) ? lookUp(depth) : undefined;
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
