import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';
import { crowdedTraces } from '../traces.ts';

/** Traces have at most 10 INTERNAL spans of a service. */
export const spa001: Rule = {
  name: 'SPA-001',
  impact: 'Normal',
  async find(reading) {
    const found = await crowdedTraces(reading, `${reading.columns.kind} = 'internal'`, 10);
    return found.map(({ most, ...each }) => ({
      ...each,
      sentence: `${counted(each.count, 'trace')} with more than 10 INTERNAL spans of the service, up to ${most}`,
      mend: {
        node: "registerInstrumentations without those that make a span per step, such as '@opentelemetry/instrumentation-fs'; span.addEvent instead of a span",
        others: 'OTEL_INSTRUMENTATION_<NAME>_ENABLED=false for those that make a span per step',
      },
    }));
  },
};
