import { perService } from '../per-service.ts';
import type { Rule } from '../rule.ts';

/** `service.instance.id` is present. */
export const res001: Rule = {
  name: 'RES-001',
  impact: 'Normal',
  async find(reading) {
    return perService(
      await reading.resources(),
      ({ text }) => text('service.instance.id') === undefined,
      (_, rows) => ({
        sentence: `The resource of ${rows} has no service.instance.id, so the instances of the service cannot be told apart`,
        mend: {
          node: "OTEL_NODE_RESOURCE_DETECTORS=all, or resourceFromAttributes({ 'service.instance.id': randomUUID() })",
          others: 'OTEL_RESOURCE_ATTRIBUTES=service.instance.id=<one id per process>',
        },
      }),
    );
  },
};
