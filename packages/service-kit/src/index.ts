export type { Environment } from './config.ts';
export {
  ConfigError,
  commonSettings,
  originSetting,
  portSetting,
  rateLimitSetting,
  readSettings,
  tokenSetting,
} from './config.ts';
export type { Database, DatabaseLocation, DatabaseOptions } from './database.ts';
export { databaseLocation, migrateToLatest, openDatabase } from './database.ts';
export type { Deadline } from './deadline.ts';
export { REQUEST_TIMEOUT_HEADER } from './deadline.ts';
export type { FieldError } from './problems.ts';
export { defineProblems, problemResponse, problemResponses, problems } from './problems.ts';
export { runService } from './run-service.ts';
export { containsPattern, foldForSearch, indexTrigrams } from './search.ts';
export type { ServerSettings } from './server.ts';
export { createServer } from './server.ts';
export { CLOSED, describePattern, NoQuery } from './validation.ts';
