import type { FastifyInstance } from 'fastify';
import type { ForwardStatus } from '../status.ts';

const SIGNALS = ['traces', 'logs', 'metrics'] as const;
const OUTCOMES = ['taken', 'forwarded', 'refused', 'dropped'] as const;

/** `GET /metrics` in Prometheus' text format: what was sent on. */
export async function forwardMetrics(
  app: FastifyInstance,
  { forward }: { readonly forward: () => ForwardStatus },
): Promise<void> {
  app.get(
    '/metrics',
    { schema: { hide: true }, logLevel: 'warn' },
    async function showMetrics(_request, reply) {
      const status = forward();
      const lines = SIGNALS.flatMap((signal) =>
        OUTCOMES.map(
          (outcome) =>
            `tandem_forward_items_total{signal="${signal}",outcome="${outcome}"} ${status[signal][outcome]}`,
        ),
      );
      return reply
        .type('text/plain; version=0.0.4; charset=utf-8')
        .send(
          [
            '# HELP tandem_forward_items_total Spans, log records, and requests of metrics that EXPLORER_FORWARD is about.',
            '# TYPE tandem_forward_items_total counter',
            ...lines,
            '# HELP tandem_forward_waiting Those that wait on disk.',
            '# TYPE tandem_forward_waiting gauge',
            ...SIGNALS.map(
              (signal) => `tandem_forward_waiting{signal="${signal}"} ${status[signal].waiting}`,
            ),
            '',
          ].join('\n'),
        );
    },
  );
}
