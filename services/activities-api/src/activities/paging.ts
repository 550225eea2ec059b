import { originForm, problems } from '@tandem/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Position } from './cursor.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { PageRequest } from './prepare-page.ts';
import type { Thread } from './threads.ts';

/** A request for a page: how many activities, and before which one. */
export type RequestForPage = Pick<FastifyRequest, 'deadline' | 'url'> & {
  readonly query: { readonly limit: number; readonly before?: string };
};

/**
 * The part of the activities that a request asks for, and one more, to know whether there is a next page.
 * @throws Problem VALIDATION_FAILED for a cursor that no page gave
 */
export function pageRequest({ query }: RequestForPage, now: string): PageRequest {
  const before = query.before === undefined ? undefined : decodeCursor(query.before);
  if (query.before !== undefined && before === undefined)
    throw problems.VALIDATION_FAILED({
      errors: [{ in: 'query', field: 'before', detail: 'must be the next_cursor of a page' }],
    });
  return { now, limit: query.limit + 1, before };
}

/**
 * Takes the additional activity off again; `next` is the cursor of the next page, null on the last.
 * @param searchedTo where a search stopped before it had filled the page
 */
export function cutPage(
  threads: Thread[],
  limit: number,
  searchedTo?: Position,
): { threads: Thread[]; next: string | null } {
  if (threads.length <= limit)
    return { threads, next: searchedTo === undefined ? null : encodeCursor(searchedTo) };
  const page = threads.slice(0, limit);
  const last = page.at(-1);
  const next = last === undefined ? null : encodeCursor({ createdAt: last.created_at, uuid: last.uuid });
  return { threads: page, next };
}

/** Names the next page in a Link header (RFC 8288). */
export function linkNext(request: RequestForPage, reply: FastifyReply, next: string | null): void {
  if (next === null) return;
  const target = originForm(request.url);
  const mark = target.indexOf('?'); // a later one is part of a value
  const path = mark === -1 ? target : target.slice(0, mark);
  const parameters = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
  parameters.set('before', next);
  reply.header('link', `<${path}?${parameters}>; rel="next"`);
}
