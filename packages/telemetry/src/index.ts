// The exports of @tandem/telemetry; `node tandem documents` lists them in API.md. Starting telemetry:

export { fastify } from './fastify/every-server.ts';
export type {
  Instrumentation,
  InstrumentationParts,
  OfficialInstrumentation,
  StartInstrumentation,
} from './instrumentation.ts';
export { pino } from './logs/pino-lines.ts';
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
export type { Engine } from './road/spans/engine.ts';
export { sdkEngine } from './road/spans/provider.ts';

// Incoming and outgoing requests:

export type { FastifyTracingOptions } from './fastify/fastify-tracing.ts';
export { fastifyTracing } from './fastify/fastify-tracing.ts';
export type { RequestTelemetry } from './fastify/request-telemetry.ts';
export { withResendCount, withUrlTemplate } from './road/http/client-request.ts';

// Work of the service:

export { errorType, recordFailure } from './common/failures.ts';
export { withSpan } from './common/with-span.ts';

// Log lines that lead to their waterfall:

export { activeTraceId, logMixin } from './logs/log-mixin.ts';
