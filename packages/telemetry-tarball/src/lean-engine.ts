import { createRequire } from 'node:module';
import type { Engine } from '@tandem/telemetry';

const ownRequire = createRequire(import.meta.url);

/** Loads the engine of TRACE_LEAN=true from the tarball, at once: `require` cannot wait for an `import`. */
export function loadLeanEngine(): Engine {
  return ownRequire('@tandem/telemetry/lean').leanEngine;
}
