import type { FastifySchema } from 'fastify';

const REFUSED = {
  description: 'The Accept header excludes text/event-stream',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['statusCode', 'error', 'message'],
        properties: {
          statusCode: { type: 'integer' },
          error: { type: 'string' },
          message: { type: 'string' },
        },
      },
    },
  },
} as const;

const EVENTS = {
  description: 'Events',
  content: { 'text/event-stream': { schema: { type: 'string' } } },
} as const;

/** The options of a route of server-sent events: its documentation, and the checks of its request. */
export function documentedStream<Request extends FastifySchema>(
  tag: string,
  summary: string,
  request: Request,
) {
  const schema = { tags: [tag], summary, ...request, response: { 200: EVENTS, 406: REFUSED } };
  // A HEAD request would never end.
  return { sse: 'only' as const, exposeHeadRoute: false, schema };
}
