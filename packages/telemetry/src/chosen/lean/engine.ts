import type { Engine } from '../../road/spans/engine.ts';
import { compact, encode } from '../../road/spans/serializer.ts';
import { LeanTracerProvider } from './tracer-provider.ts';

/** The engine of TRACE_LEAN=true replaces the official packages for spans and their encoding. */
export const leanEngine: Engine = {
  createProvider: (options) => new LeanTracerProvider(options),
  encode,
  compact,
};
