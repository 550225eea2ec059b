// The exports of @tandem/telemetry, which API.md lists. Starting telemetry:

export type { DeliveryCounters, DestinationCounters, LossReason } from './delivery/counters.ts';
export type { Logger } from './delivery/logger.ts';
export { fastify } from './fastify/every-server.ts';
export type {
  Instrumentation,
  InstrumentationParts,
  OfficialInstrumentation,
  StartInstrumentation,
} from './instrumentation.ts';
export { pino } from './logs/pino-lines.ts';
export type { RegisterOptions } from './register-telemetry.ts';
export { autoInstrumentation, registerTelemetry, undici } from './register-telemetry.ts';
export type { TelemetryCounters } from './report/announce.ts';
export type { Telemetry } from './running.ts';
export { sdkEngine } from './sdk/clocked-provider.ts';
export type { Engine } from './sdk/engine.ts';
export type { Destination } from './settings/destinations.ts';
export type { SettingsDefaults, TelemetrySettings } from './settings/index.ts';
export { readSettings } from './settings/index.ts';
export type { StartOptions } from './start.ts';
export { startTelemetry } from './start.ts';

// Incoming and outgoing requests:

export type { FastifyTracingOptions } from './fastify/fastify-tracing.ts';
export { fastifyTracing } from './fastify/fastify-tracing.ts';
export type { RequestTelemetry } from './fastify/request-telemetry.ts';
export { withResendCount, withUrlTemplate } from './http/client-request.ts';

// Work of the service:

export { errorType, recordFailure } from './api/failures.ts';
export { withSpan } from './api/with-span.ts';

// Log lines that lead to their waterfall:

export { activeTraceId, logMixin } from './report/log-mixin.ts';
