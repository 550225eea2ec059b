export { traceNodeSqlite } from './sqlite.ts';
export { withChannels } from './with-channels.ts';
