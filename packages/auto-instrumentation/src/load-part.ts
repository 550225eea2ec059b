import { createRequire } from 'node:module';

const ownRequire = createRequire(import.meta.url);

/**
 * Loads a part of this package when a process needs it, at once: a listener of a channel cannot wait. The parts are entries,
 * here and in the tarball.
 */
export function loadPart<T>(name: 'drivers' | 'express' | 'profile'): T {
  return ownRequire(`@tandem/auto-instrumentation/${name}`) as T;
}
