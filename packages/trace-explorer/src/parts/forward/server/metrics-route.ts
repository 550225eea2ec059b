import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../../core/door/node.ts';
import { forwardStatus } from './forward-status.ts';

const SIGNALS = ['traces', 'logs', 'metrics'] as const;
const OUTCOMES = ['taken', 'forwarded', 'refused', 'dropped'] as const;

/** `GET /metrics` in Prometheus' text format: counts of the sent data, where the explorer sends on. */
export async function forwardMetrics(
  app: FastifyInstance,
  context: Pick<ServerContext, 'intake'>,
): Promise<void> {
  if (forwardStatus(context) === undefined) return;
  const options = { schema: { hide: true }, logLevel: 'warn' } as const;
  app.get('/metrics', options, async function showMetrics(_request, reply) {
    const status = forwardStatus(context);
    if (status === undefined) return reply.callNotFound();
    const outcomes = SIGNALS.flatMap((signal) =>
      OUTCOMES.map((outcome) => `{signal="${signal}",outcome="${outcome}"} ${status[signal][outcome]}`),
    );
    const lines = [
      '# HELP tandem_forward_items_total Spans, log records, and requests of metrics that EXPLORER_FORWARD is about.',
      '# TYPE tandem_forward_items_total counter',
      ...outcomes.map((line) => `tandem_forward_items_total${line}`),
      '# HELP tandem_forward_waiting Items that wait on disk.',
      '# TYPE tandem_forward_waiting gauge',
      ...SIGNALS.map((signal) => `tandem_forward_waiting{signal="${signal}"} ${status[signal].waiting}`),
    ];
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(`${lines.join('\n')}\n`);
  });
}
