export type { DatabaseInfo } from '../../road/statements/query-spans.ts';
export type { KyselyDialect } from './traced-dialect.ts';
export { tracedDialect } from './traced-dialect.ts';
