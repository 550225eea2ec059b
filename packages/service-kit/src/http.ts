// For servers without tracing: nothing here loads telemetry.
export * from './config.ts';
export { createLogger } from './logger.ts';
export * from './problems.ts';
export * from './validation.ts';
