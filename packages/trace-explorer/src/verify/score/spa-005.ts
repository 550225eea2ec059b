import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';
import { crowdedTraces } from '../traces.ts';

/** Traces have at most 20 spans of a service that took less than 5 ms. */
export const spa005: Rule = {
  name: 'SPA-005',
  impact: 'Important',
  async find(reading) {
    const found = await crowdedTraces(reading, `${reading.columns.duration} < 5000000`, 20);
    return found.map(({ most, ...each }) => ({
      ...each,
      sentence: `${counted(each.count, 'trace')} with more than 20 spans of the service that took less than 5 ms, up to ${most}`,
      mend: {
        node: 'One call for many in place of a loop of calls; no span for work of microseconds',
        others: 'One call for many in place of a loop of calls; OTEL_INSTRUMENTATION_<NAME>_ENABLED=false',
      },
    }));
  },
};
