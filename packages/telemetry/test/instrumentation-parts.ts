import { trace } from '@opentelemetry/api';
import type { InstrumentationParts } from '../src/index.ts';
import { readSettings } from '../src/index.ts';

/** What an instrument works with, in a process with the registered provider, and without log records. */
export function instrumentationParts(given: Partial<InstrumentationParts> = {}): InstrumentationParts {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const provider = trace.getTracerProvider();
  return { provider, loggerProvider: undefined, settings: readSettings({}), log, ...given };
}
