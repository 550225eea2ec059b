import type { Engine } from '../spans/engine.ts';
import { leanClient } from './client.ts';
import { addHooksOnDemand } from './hooks-on-demand.ts';
import { leanTraceSerializer } from './serializer.ts';
import { LeanTracerProvider } from './tracer-provider.ts';

/** The engine of TRACE_LEAN=true replaces the official packages for spans, encoding and CLIENT spans. */
export const leanEngine: Engine = {
  createProvider: (options) => new LeanTracerProvider(options),
  serializers: { traces: leanTraceSerializer },
  traceClient: leanClient,
  prepareServer: addHooksOnDemand,
};
