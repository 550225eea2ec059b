// The exports of @tandem/telemetry (the tarball's API.md lists them). Starting telemetry:

export type { DeliveryCounters, DestinationCounters, Logger, LossReason } from '@tandem/durable-export';
export { fastifyServers } from './fastify/every-server.ts';
export type { Instrument, InstrumentParts } from './instrument.ts';
export { pinoLines } from './logs/pino-lines.ts';
export type { TelemetryCounters } from './report/announce.ts';
export type { Telemetry } from './running.ts';
export type { Destination } from './settings/destinations.ts';
export type { SettingsDefaults, TelemetrySettings } from './settings/index.ts';
export { readSettings } from './settings/index.ts';
export { sdkEngine } from './spans/clocked-provider.ts';
export type { Engine } from './spans/engine.ts';
export type { StartOptions } from './start.ts';
export { startTelemetry } from './start.ts';

// Incoming and outgoing requests:

export { withResendCount, withUrlTemplate } from '@tandem/http-spans';
export type { FastifyTracingOptions } from './fastify/fastify-tracing.ts';
export { fastifyTracing } from './fastify/fastify-tracing.ts';
export type { RequestTelemetry } from './fastify/request-telemetry.ts';

// Work of the service:

export { errorType, recordFailure } from '@tandem/http-spans';
export { withSpan } from './spans/with-span.ts';

// Log lines that lead to their waterfall:

export { activeTraceId, logMixin } from './report/log-mixin.ts';
