import { createRequire } from 'node:module';

const ownRequire = createRequire(import.meta.url);

/**
 * Loads a part of this package when a process first needs it, at once: a listener of a channel cannot wait. The parts are
 * entries, here and in the tarball.
 */
export function partLoader<T>(name: 'drivers' | 'express' | 'profile' | 'tests'): () => T {
  let loaded: T | undefined;
  return () => {
    loaded ??= ownRequire(`@tandem/auto-instrumentation/${name}`) as T;
    return loaded;
  };
}
