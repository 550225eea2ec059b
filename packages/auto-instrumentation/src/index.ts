// The exports of @tandem/auto-instrumentation.
export { autoInstrumentation } from './auto-instrumentation.ts';
export { undiciChannels } from './client/undici-client.ts';
export { profileProcessors } from './profile-processors.ts';
