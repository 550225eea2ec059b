export type { DatabaseInfo } from './kysely/index.ts';
export { tracedDialect } from './kysely/index.ts';
export { activeTraceId, logMixin } from './log-mixin.ts';
export { errorType, recordFailure } from './record-failure.ts';
export type { TelemetrySettings } from './settings/index.ts';
export { SettingsError } from './settings/index.ts';
export type { StartOptions, Telemetry } from './start-telemetry.ts';
export { startTelemetry } from './start-telemetry.ts';
export { withSpan } from './with-span.ts';
