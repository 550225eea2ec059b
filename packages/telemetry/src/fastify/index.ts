export type { FastifyTracingOptions, RequestHead } from './options.ts';
export { fastifyTracing } from './tracing.ts';
