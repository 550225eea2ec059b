// The exports of @tandem/auto-instrumentation.
export { autoInstrumentation } from './auto-instrumentation.ts';
export { traceUndici } from './client/undici-client.ts';
