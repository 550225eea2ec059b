/** The answers of a route of server-sent events, for its OpenAPI document. */
export const EVENT_STREAM_ANSWERS = {
  200: { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
  406: {
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
  },
} as const;
