import { perService } from '../per-service.ts';
import type { Rule } from '../rule.ts';

/** `service.name` is present. */
export const res005: Rule = {
  name: 'RES-005',
  impact: 'Critical',
  async find(reading) {
    return perService(
      await reading.resources(),
      ({ attributes }) =>
        !attributes.some(
          ({ key, value }) => key === 'service.name' && typeof value === 'string' && value !== '',
        ),
      (_, rows) => ({
        sentence: `The resource of ${rows} has no service.name`,
        mend: { node: 'OTEL_SERVICE_NAME=<name>', others: 'OTEL_SERVICE_NAME=<name>' },
      }),
    );
  },
};
