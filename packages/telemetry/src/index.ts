// The exports of @tandem/telemetry; `node tandem documents` lists them in API.md. Starting telemetry:

export type {
  Instrumentation,
  InstrumentationParts,
  OfficialInstrumentation,
  StartInstrumentation,
} from './instrumentation.ts';
export type { TelemetryCounters } from './process/report/announce.ts';
export type { Telemetry } from './process/running.ts';
export type { Destination } from './process/settings/destinations.ts';
export type { SettingsDefaults, TelemetrySettings } from './process/settings/index.ts';
export { readSettings } from './process/settings/index.ts';
export type { StartOptions } from './process/start.ts';
export { startTelemetry } from './process/start.ts';
export type { RegisterOptions } from './register-telemetry.ts';
export { autoInstrumentation, registerTelemetry, undici } from './register-telemetry.ts';
export type { DeliveryCounters, DestinationCounters, LossReason } from './road/delivery/counters.ts';
export type { Logger } from './road/delivery/logger.ts';
export { pino } from './road/logs/pino-lines.ts';
export type { Engine } from './road/spans/engine.ts';
export { sdkEngine } from './road/spans/provider.ts';
export { fastify } from './service/fastify/every-server.ts';

// Incoming and outgoing requests:

export { withResendCount, withUrlTemplate } from './road/http/client-request.ts';
export type { FastifyTracingOptions } from './service/fastify/fastify-tracing.ts';
export { fastifyTracing } from './service/fastify/fastify-tracing.ts';
export type { RequestTelemetry } from './service/fastify/request-telemetry.ts';

// Work of the service:

export { errorType, recordFailure } from './common/failures.ts';
export { withSpan } from './common/with-span.ts';

// Log lines that lead to their waterfall:

export { activeTraceId, logMixin } from './road/logs/log-mixin.ts';
