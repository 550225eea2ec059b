import type { InstrumentationParts } from '../../instrumentation.ts';
import { traceTests } from './trace-tests.ts';

/** A trace of each test of `node:test`, tap, Jest, Mocha and Playwright. */
export const tests = {
  anyProcess({ provider, log }: InstrumentationParts): undefined {
    if (provider !== undefined) traceTests(provider, log); // to the end: also where a test file registers telemetry of its own
  },
};
