import { inspect } from 'node:util';
import { activeTraceId } from '@tandem/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, problems, sendProblem } from './problems.ts';

/**
 * Makes an error handler for Fastify: answers with problem details, and logs errors of the service itself.
 * @param report receives every unexpected error (answered with 500)
 */
export function answerError(report: (error: Error) => void) {
  return function answerWithProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error);
    // Under overload, a line per refused request would be more load.
    if (problem.statusCode >= 500 && problem.code !== 'UNDER_PRESSURE') {
      request.log.error({ err: problem.cause ?? problem }, problem.title);
      if (problem.code === 'INTERNAL') report(error instanceof Error ? error : new Error(shown(error)));
    }
    // The hook that logs all other requests runs after an answer. This request has none.
    if (problem.code === 'CALLER_LEFT') {
      const { method, routeOptions } = request;
      request.log.info({ method, route: routeOptions.url }, problem.title);
    }
    sendProblem(reply, problem, activeTraceId());
  };
}

/** A thrown value that is not an Error, as a text. */
function shown(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : inspect(thrown, { customInspect: false, depth: 0 });
}

const inBody = (detail: string) => ({ errors: [{ in: 'body', field: '', detail }] as const });

/** The problems for Fastify's error codes. https://fastify.dev/docs/latest/Reference/Errors/ */
const FRAMEWORK: Readonly<Record<string, () => Problem>> = {
  FST_ERR_BAD_URL: () => problems.MALFORMED_URL(),
  FST_ERR_MAX_PARAM_LENGTH: () =>
    problems.URI_TOO_LONG({ detail: 'A parameter in the path has more than 100 characters.' }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => problems.MALFORMED_JSON(inBody('is empty')),
  FST_ERR_CTP_INVALID_JSON_BODY: () => problems.MALFORMED_JSON(inBody('is not JSON')),
  FST_ERR_CTP_BODY_TOO_LARGE: () => problems.BODY_TOO_LARGE(inBody('is too large')),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    problems.UNSUPPORTED_MEDIA_TYPE({
      errors: [{ in: 'header', field: 'content-type', detail: 'must be application/json' }],
    }),
};

/** The problem for any error. An unknown error becomes 500 without details. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return problems.INTERNAL({ cause: error });
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = FRAMEWORK[code]?.() ?? databaseProblem(error);
  if (known !== undefined) return known;
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status < 400 || status >= 500) return problems.INTERNAL({ cause: error });
  const definition = { status, title: 'The server refuses the request' };
  return new Problem('MALFORMED_REQUEST', definition, { cause: error });
}

/**
 * SQLSTATE codes and socket errors of a database that is away for a while. 08: connection; 28: password or role; 3D: no
 * such database; 53: out of resources; 57: cancelled, or shutting down; 25006: read-only.
 */
const UNAVAILABLE =
  /^(08...|25006|28...|3D000|53...|57P0[1235]|57014|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** Messages of errors of pg that have no code: a connection is gone, or all connections are in use. */
const LOST_CONNECTION =
  /^(timeout expired$|timeout exceeded when trying to connect$|Query read timeout$|Connection terminated|Client (has encountered a connection error|was closed) and is not queryable$|Cannot use a pool after calling end)/;
/** SQLite's codes for busy, locked, read-only, I/O error, full, cannot open, and no database. https://sqlite.org/rescode.html */
const SQLITE_UNAVAILABLE = new Set([5, 6, 8, 10, 13, 14, 26]);

/** Says what to do. The reason may name hosts and roles, so only the log has it. */
const DATABASE_AWAY =
  'The database does not answer, or takes no statement now. Try again in 5 s. The log of the service has the reason.';

/** The problem for an error of a database that is away; undefined for an error in the statement itself. */
export function databaseProblem(error: Error): Problem | undefined {
  const sqlite = 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const code = 'code' in error ? String(error.code) : '';
  const isOfDatabase = 'severity' in error || 'syscall' in error || error instanceof AggregateError;
  const isAway =
    SQLITE_UNAVAILABLE.has(sqlite) ||
    (isOfDatabase && UNAVAILABLE.test(code)) ||
    LOST_CONNECTION.test(error.message);
  return isAway ? problems.DATABASE_UNAVAILABLE({ detail: DATABASE_AWAY, cause: error }) : undefined;
}
