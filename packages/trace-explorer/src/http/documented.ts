import type { FastifySchema } from 'fastify';
import Type from 'typebox';

/**
 * The documentation of a route, and the checks of its request.
 * @param answer the schema of the answer with status 200
 * @param request the schemas of the request's parts, and further words for the documentation
 */
export function documented<Answer, Request extends FastifySchema = Record<never, never>>(
  tag: string,
  summary: string,
  answer: Answer,
  request?: Request,
) {
  return { schema: { tags: [tag], summary, ...(request as Request), response: { 200: answer } } };
}

/** The schema of an answer that is not JSON, by its content type. */
export function contentOf<Body>(type: string, description: string) {
  return { description, content: { [type]: { schema: Type.Unsafe<Body>(Type.String()) } } };
}
