export type { DatabaseInfo } from './kysely/index.ts';
export { tracedDialect } from './kysely/index.ts';
export { activeTraceId, logMixin } from './log-mixin.ts';
export { errorType, recordFailure } from './record-failure.ts';
export { withSpan } from './with-span.ts';
