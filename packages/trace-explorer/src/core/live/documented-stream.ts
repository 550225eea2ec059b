import type { FastifySchema } from 'fastify';
import { contentOf, documented } from '../../http/documented.ts';

const REFUSED = {
  description: 'The Accept header excludes text/event-stream',
  content: { 'application/json': { schema: {} } },
};

/** The options of a route of server-sent events: its documentation, and the checks of its request. */
export function documentedStream<Request extends FastifySchema>(
  tag: string,
  summary: string,
  request: Request,
) {
  const { schema } = documented(tag, summary, contentOf<string>('text/event-stream', 'Events'), request);
  const response = { ...schema.response, 406: REFUSED };
  // A HEAD request would never end.
  return { sse: 'only' as const, exposeHeadRoute: false, schema: { ...schema, response } };
}
