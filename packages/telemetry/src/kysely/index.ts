export type { DatabaseInfo } from './query-spans.ts';
export { tracedDialect } from './traced-dialect.ts';
