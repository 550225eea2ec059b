import type { InstrumentationParts } from '../../instrumentation.ts';
import { traceTests } from './trace-tests.ts';

/** A trace of each test of `node:test` and tap, and of each attempt of one of Jest, Mocha and Playwright. */
export const tests = {
  anyProcess({ provider, ...parts }: InstrumentationParts): undefined {
    if (provider !== undefined) traceTests({ provider, ...parts }); // to the end: also where a test file registers telemetry of its own
  },
};
