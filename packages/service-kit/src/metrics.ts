import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, register } from 'prom-client';

/**
 * `GET /metrics` in Prometheus' text format: CPU, memory and event loop of the process, what became of its spans, and the
 * service's own metrics, which are in prom-client's registry. Untraced, logged at `warn` only, never limited.
 * @param telemetry whose counters are shown
 */
export function metricsRoute(app: FastifyInstance, telemetry: { metrics(): string } | undefined): void {
  if (register.getSingleMetric('process_cpu_seconds_total') === undefined) collectDefaultMetrics();
  app.get(
    '/metrics',
    { config: { rateLimit: false, otel: false }, logLevel: 'warn', schema: { hide: true } as object },
    async function showMetrics(_request, reply) {
      const own = await register.metrics();
      return reply.type(register.contentType).send(`${telemetry?.metrics() ?? ''}${own}`);
    },
  );
}
