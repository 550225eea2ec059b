import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Telemetry } from '../../running-telemetry.ts';
import { runningTelemetry } from '../../running-telemetry.ts';
import { METRICS_CONTENT_TYPE } from './delivery-metrics.ts';
import { watchProcess } from './process-metrics.ts';
import type { MetricValues } from './render-family.ts';
import { renderFamily } from './render-family.ts';

/** Not in the OpenAPI document: no part of the service's interface. */
const HIDDEN: object = { hide: true };

/** Options of `telemetryMetrics`. */
export interface TelemetryMetricsOptions {
  /** Whose counters are shown; default: the telemetry that runs in this process, if any. */
  readonly telemetry?: Pick<Telemetry, 'metrics'>;
  /** Metrics of the service itself, as they are now. */
  readonly service?: () => readonly MetricValues[];
  /** The route's `config`, for instance to leave it out of a rate limit. */
  readonly config?: FastifyContextConfig;
}

/**
 * Fastify plugin: `GET /metrics` in Prometheus' text format. What became of the spans of this process (delivered,
 * waiting, lost by reason), baggage that was not carried, CPU, memory and event loop, and what the service adds.
 * Untraced, logged at `warn` only.
 */
export const telemetryMetrics = fastifyPlugin(registerMetrics, {
  fastify: '>=5',
  name: '@tandem/telemetry/metrics',
});

function registerMetrics(app: FastifyInstance, options: TelemetryMetricsOptions, done: () => void): void {
  const ownProcess = watchProcess();
  app.addHook('onClose', function stopMetrics(_app, next) {
    ownProcess.stop();
    next();
  });
  app.get(
    '/metrics',
    { config: { ...options.config, otel: false }, logLevel: 'warn', schema: HIDDEN },
    function showMetrics(_request, reply) {
      const telemetry = options.telemetry ?? runningTelemetry();
      const service = options.service?.().map((metric) => renderFamily(metric, metric.samples)) ?? [];
      reply
        .type(METRICS_CONTENT_TYPE)
        .send(`${telemetry?.metrics() ?? ''}${ownProcess.render()}${service.join('')}`);
    },
  );
  done();
}
