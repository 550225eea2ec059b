// The exports of @tandem/telemetry (API.md lists them). Starting telemetry:

export type { DeliveryCounters, DestinationCounters, Logger, LossReason } from '@tandem/durable-export';
export { registerTelemetry } from './register-telemetry.ts';
export type { TelemetryCounters } from './report/announce.ts';
export type { Telemetry } from './running.ts';
export type { TelemetrySettings } from './settings/index.ts';
export type { Instrumentation, StartOptions } from './start.ts';

// Incoming and outgoing requests:

export { withResendCount, withUrlTemplate } from './client/client-request.ts';
export type { FastifyTracingOptions } from './server/fastify-tracing.ts';
export { fastifyTracing } from './server/fastify-tracing.ts';
export type { RequestTelemetry } from './server/request-telemetry.ts';

// Work of the service:

export { errorType, recordFailure } from './spans/record-failure.ts';
export { withSpan } from './spans/with-span.ts';

// Log lines that lead to their waterfall:

export { activeTraceId, logMixin } from './report/log-mixin.ts';
