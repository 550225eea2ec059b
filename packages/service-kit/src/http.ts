// What a server needs that is not traced itself: nothing here loads telemetry.
export type { Environment } from './config.ts';
export {
  ConfigError,
  explainStartFailure,
  originSetting,
  portSetting,
  processSettings,
  readEnvironment,
  tokenSetting,
  withoutKeys,
} from './config.ts';
export { createLogger } from './logger.ts';
export { PROBLEM_JSON, ProblemDetails, problemDetails, sendProblem } from './problem-details.ts';
export { defineProblems, Problem, problems } from './problems.ts';
export { compileValidator, describePattern, validationProblem } from './validation.ts';
