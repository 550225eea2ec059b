import { perService } from '../per-service.ts';
import type { Rule } from '../rule.ts';

/** A service with the name that an SDK gives to a service without one. */
export const unknownService: Rule = {
  name: 'unknown-service',
  async find(reading) {
    return perService(
      await reading.resources(),
      ({ text }) => /^unknown_service/.test(text('service.name') ?? 'unknown_service'),
      (_, rows) => ({
        sentence: `${rows} from unknown_service: nobody named the service`,
        mend: { node: 'OTEL_SERVICE_NAME=<name>', others: 'OTEL_SERVICE_NAME=<name>' },
      }),
    );
  },
};
