export type { Database, DatabaseLocation, DatabaseOptions } from './database/database.ts';
export { databaseLocation, openDatabase } from './database/database.ts';
export { migrateToLatest } from './database/migrate.ts';
export { containsPattern, foldForSearch, indexTrigrams } from './database/search.ts';
export type { FieldError } from './problems/problems.ts';
export { defineProblems, problemResponse, problemResponses, problems } from './problems/problems.ts';
export { CLOSED, NoQuery } from './problems/validation.ts';
export { runService } from './run-service.ts';
export type { Deadline } from './server/deadline.ts';
export { REQUEST_TIMEOUT_HEADER } from './server/deadline.ts';
export type { ServerOptions, ServerSettings } from './server/server.ts';
export { createServer } from './server/server.ts';
export type { Environment } from './settings/environment.ts';
export { ConfigError } from './settings/environment.ts';
export {
  commonSettings,
  flagSetting,
  originSetting,
  parseSettings,
  portSetting,
  rateLimitSetting,
  secretSetting,
  textSetting,
  tokenSetting,
} from './settings/settings.ts';
