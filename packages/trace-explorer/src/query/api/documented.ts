import { AnyHoneycombError, BadRequest } from './schemas.ts';

/** How a route is documented: what it is for, what it answers, and in which form errors come. */
export function documented(
  summary: string,
  status: number,
  answer: unknown,
  request: Record<string, unknown> = {},
) {
  const response = { [status]: answer, 400: BadRequest, default: AnyHoneycombError };
  return { schema: { tags: ['query'], summary, ...request, response } };
}
