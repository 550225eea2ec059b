// For servers without tracing: nothing here starts telemetry.
export * from './problems/problems.ts';
export * from './problems/validation.ts';
export * from './process/base-folder.ts';
export * from './process/environment.ts';
export { createLogger } from './process/logger.ts';
export * from './process/settings.ts';
export * from './server/connection-limit.ts';
