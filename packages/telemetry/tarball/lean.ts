import { traceUndici } from '../../auto-instrumentation/src/client/undici-client.ts';
import { loadFor } from '../src/process/optional-package.ts';
import type { Engine } from '../src/spans/engine.ts';
import type { Lean } from '../src/start.ts';

/** Loads the parts of TRACE_LEAN=true. */
export function loadLean(): Lean {
  return {
    engine: loadFor<{ leanEngine: Engine }>('TRACE_LEAN', '@tandem/telemetry/lean').leanEngine,
    fetch: traceUndici,
  };
}
