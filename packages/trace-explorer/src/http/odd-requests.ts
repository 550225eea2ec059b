import type { Problem } from '@tandem/service-kit/http';
import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import { rawResponse } from './client-error.ts';

/** Answers an expectation that is none, and CONNECT, of which Node makes no request. */
export function refuseOddRequests(app: FastifyInstance): void {
  app.server.on('checkExpectation', (_request, response) => {
    response.socket?.end(rawResponse(expectationFailed()));
  });
  app.server.on('connect', (_request, socket) => {
    socket.end(
      rawResponse(problems.METHOD_NOT_ALLOWED({ detail: 'This is no proxy.', headers: { allow: 'GET' } })),
    );
  });
}

function expectationFailed(): Problem {
  return problems.EXPECTATION_FAILED({
    errors: [{ in: 'header', field: 'expect', detail: 'must be 100-continue' }],
  });
}
