import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { QueryError } from '../parse/query-error.ts';
import { toQueryError } from '../run/run-query.ts';

/** Answers an error in Honeycomb's form; one that is not the client's is logged. */
export function answerError(
  error: FastifyError | QueryError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const shown = isRefusal(error)
    ? refusal(error, originOf(request))
    : toQueryError(error).body(originOf(request));
  if (shown.status === 500) request.log.error({ err: error }, 'query request failed');
  if (shown.status === 429) reply.header('retry-after', '1');
  if (shown.status === 503) reply.header('retry-after', '2');
  reply
    .code(Number(shown.status))
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(shown));
}

/** What Fastify or a guard refuses before a query is looked at: a body that is no JSON, a strange host. */
function isRefusal(error: FastifyError | QueryError): error is FastifyError & { statusCode: number } {
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  return !(error instanceof QueryError) && status >= 400 && status < 500;
}

function refusal(error: FastifyError & { statusCode: number }, origin: string): Record<string, unknown> {
  return error.statusCode === 400
    ? new QueryError('unparseable', error.message).body(origin)
    : {
        status: error.statusCode,
        type: 'about:blank',
        title: STATUS_CODES[error.statusCode],
        error: error.message,
      };
}

/** Scheme and host that a request was sent to. */
export function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
