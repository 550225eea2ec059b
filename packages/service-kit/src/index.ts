// What a traced service needs, in the order in which it needs it. A server without telemetry imports `./http.ts`.

export type { Environment } from './config.ts';
export { ConfigError, originSetting, portSetting, tokenSetting } from './config.ts';
export type { Database, DatabaseLocation } from './database.ts';
export { databaseLocation, openDatabase } from './database.ts';
export type { Deadline } from './deadline.ts';
export { REQUEST_TIMEOUT_HEADER } from './deadline.ts';
export { activeFault, markFault } from './faults.ts';
export { indexTrigrams, migrateToLatest } from './migrate.ts';
export { problemResponse, problemResponses } from './problem-details.ts';
export type { FieldError } from './problems.ts';
export { defineProblems, problems } from './problems.ts';
export { runService } from './run-service.ts';
export { containsPattern, foldForSearch } from './search-text.ts';
export type { ServerSettings } from './server.ts';
export { createServer } from './server.ts';
export { commonSettings, readSettings } from './settings.ts';
export { CLOSED, describePattern, NoQuery } from './validation.ts';
