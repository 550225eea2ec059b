import { readStackTrace } from '../../../src/parts/xray/server/xray/stack-trace.ts';

/** What reads somebody else's text in this part: `test/received-text.test.ts` at the root takes its time. */
export const readers = {
  'a stack as X-Ray has it': readStackTrace,
};
