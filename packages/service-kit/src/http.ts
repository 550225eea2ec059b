// For servers without tracing: nothing here starts telemetry.
export * from './problems/problems.ts';
export * from './problems/validation.ts';
export { createLogger } from './process/logger.ts';
export * from './server/connection-limit.ts';
export type { Drain } from './server/drain.ts';
export { drainOf } from './server/drain.ts';
export * from './settings/base-folder.ts';
export * from './settings/environment.ts';
export * from './settings/settings.ts';
