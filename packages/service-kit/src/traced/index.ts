// What a traced service needs besides `@tandem/service-kit`: server, database, life cycle, faults.
export type { TrigramIndex } from '../database/trigram-index.ts';
export { findTrigramIndex } from '../database/trigram-index.ts';
export type { ServerOptions, ServerSettings } from './create-server.ts';
export { createServer } from './create-server.ts';
export { activeFault, markFault } from './faults/active-fault.ts';
export type { Database } from './open-database.ts';
export { openDatabase } from './open-database.ts';
export type { ProcessParts, ProcessSettings, ServiceDefinition } from './run-service.ts';
export { runService } from './run-service.ts';
