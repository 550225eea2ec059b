import type { InstrumentationParts } from '../../instrumentation.ts';
import { traceTests } from './trace-tests.ts';

/** A trace of each test of `node:test` and tap. */
export const tests = {
  anyProcess({ provider }: InstrumentationParts): undefined {
    if (provider !== undefined) traceTests(provider); // to the end: also where a test file registers telemetry of its own
  },
};
