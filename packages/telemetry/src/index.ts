// The exports of @tandem/telemetry (API.md lists them). Starting telemetry:

export type { DeliveryCounters, DestinationCounters, LossReason, TelemetryCounters } from './counters.ts';
export type { Logger } from './logger.ts';
export { registerTelemetry } from './register-telemetry.ts';
export type { Telemetry } from './running-telemetry.ts';
export type { TelemetrySettings } from './settings/index.ts';
export type { StartOptions } from './start-telemetry.ts';
export { startTelemetry } from './start-telemetry.ts';

// Incoming and outgoing requests:

export type { FastifyTracingOptions } from './fastify/options.ts';
export type { RequestTelemetry } from './fastify/request-telemetry.ts';
export { fastifyTracing } from './fastify/tracing.ts';
export { withResendCount, withUrlTemplate } from './http/client-request.ts';

// Work of the service:

export { errorType, recordFailure } from './sdk/record-failure.ts';
export { withSpan } from './sdk/with-span.ts';

// Log lines that lead to their waterfall:

export { activeTraceId, logMixin } from './log-mixin.ts';
export { LOG_FORMAT } from './logger.ts';
