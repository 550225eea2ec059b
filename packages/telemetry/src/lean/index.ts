import { leanClient } from './client.ts';
import { leanTraceSerializer } from './serializer.ts';
import type { TracerProviderOptions } from './tracer-provider.ts';
import { LeanTracerProvider } from './tracer-provider.ts';

/** The engine of TRACE_LEAN=true: own spans, own encoding and own CLIENT spans in place of the official packages. */
export const leanEngine = {
  createProvider: (options: TracerProviderOptions) => new LeanTracerProvider(options),
  serializers: { traces: leanTraceSerializer },
  traceClient: leanClient,
};
