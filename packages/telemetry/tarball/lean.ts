import { autoInstrumentation } from '../../auto-instrumentation/src/auto-instrumentation.ts';
import { loadFor } from '../src/process/optional-package.ts';
import type { Engine } from '../src/spans/engine.ts';
import type { Lean } from '../src/start.ts';

/** Loads the parts of TRACE_LEAN=true. */
export function loadLean(): Lean {
  return {
    engine: loadFor<{ leanEngine: Engine }>('TRACE_LEAN', '@tandem/telemetry/lean').leanEngine,
    instrumentations: [autoInstrumentation],
  };
}
