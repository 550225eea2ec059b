// What any server of the workspace needs. Nothing here loads OpenTelemetry; what needs it is in `traced/`.
export { ConfigError } from './config/config-error.ts';
export { makePrivateDataFolder } from './config/data-folder.ts';
export { makeFolders } from './config/make-folders.ts';
export type { Reach } from './config/reach.ts';
export { readReach } from './config/reach.ts';
export type { Environment } from './config/read-environment.ts';
export { readEnvironment } from './config/read-environment.ts';
export {
  commonSettings,
  dataDirectory,
  originSetting,
  portSetting,
  tokenSetting,
} from './config/settings.ts';
export { withoutKeys } from './config/without-keys.ts';
export { ftsQuery } from './database/fts-query.ts';
export { containsPattern, foldForSearch } from './database/like.ts';
export type { DatabaseLocation } from './database/location.ts';
export { databaseLocation } from './database/location.ts';
export { migrateToLatest } from './database/migrate.ts';
export type { Placeholder } from './database/prepared-query.ts';
export { prepareQuery } from './database/prepared-query.ts';
export { runWork, Work } from './database/work.ts';
export { problems } from './errors.ts';
export { answerClientError } from './problems/client-error.ts';
export type { FieldError, ProblemDefinition, ProblemOccurrence } from './problems/problem.ts';
export { defineProblems, Problem } from './problems/problem.ts';
export {
  PROBLEM_JSON,
  ProblemDetails,
  problemResponses,
  unreadProblemResponses,
} from './problems/problem-details.ts';
export { sendProblem } from './problems/send-problem.ts';
export { ignoreUnwantedBodies } from './problems/unwanted-bodies.ts';
export { endGracefully } from './process/end-gracefully.ts';
export { explainStartFailure } from './process/explain-start-failure.ts';
export { createLogger } from './process/logger.ts';
export { settlesWithin } from './process/settles-within.ts';
export { AllowedMethods } from './server/allowed-methods.ts';
export { BEARER_SCHEME, bearerToken, secretTest } from './server/bearer-token.ts';
export { REQUEST_TIMEOUT_HEADER, withinDeadline } from './server/deadline.ts';
export type { Readiness } from './server/health.ts';
export { healthRoutes } from './server/health.ts';
export { countHosts, hostDetail, hostTest } from './server/host-names.ts';
export { refuseOddRequests } from './server/odd-requests.ts';
export { openapiForm } from './server/openapi.ts';
export { originForm } from './server/request-target.ts';
export { compileSerializer } from './server/serialization.ts';
export {
  CLOSED,
  compileValidator,
  describePattern,
  NoQuery,
  validationProblem,
} from './server/validation.ts';
