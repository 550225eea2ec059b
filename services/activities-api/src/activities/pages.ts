import type { FieldError } from '@tandem/service-kit';
import { problems as common, withinDeadline } from '@tandem/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';
import { findAuthors, showThread } from './authors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { ActivitiesDependencies } from './dependencies.ts';
import { lookupDeadline } from './dependencies.ts';
import type { PageRequest } from './page-query.ts';
import type { Thread } from './threads.ts';

type RequestForPage = Pick<FastifyRequest, 'deadline' | 'url'> & {
  readonly query: { readonly limit: number; readonly before?: string };
};

/** A user who must exist for the request to make sense. */
interface Subject {
  readonly in: FieldError['in'];
  readonly handle: string;
}

/** The part of the activities that a request asks for, and one more, to know whether there is a next page. */
export function pageRequest({ query }: RequestForPage, now: string): PageRequest {
  const before = query.before === undefined ? undefined : decodeCursor(query.before);
  if (query.before !== undefined && before === undefined)
    throw common.VALIDATION_FAILED({
      errors: [{ in: 'query', field: 'before', detail: 'must be the next_cursor of a page' }],
    });
  return { now, limit: query.limit + 1, before };
}

/** Loads a page and its authors. */
export async function answerPage(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest & RequestForPage,
  reply: FastifyReply,
  load: () => Promise<Thread[]>,
  subject?: Subject,
) {
  const { threads, next } = cutPage(await withinDeadline(request, load), request.query.limit);
  const others = subject === undefined ? [] : [subject.handle];
  const authors = await findAuthors(
    dependencies.users,
    threads,
    lookupDeadline(dependencies, request),
    others,
  );
  if (subject !== undefined && authors.missing.has(subject.handle)) throw unknownUser(subject);
  linkNext(request, reply, next);
  return {
    activities: threads.map((thread) => showThread(thread, authors)),
    next_cursor: next,
    degraded: authors.degraded,
  };
}

/** Takes the one activity too many off again; `next` is the cursor of the next page, null on the last. */
export function cutPage(threads: Thread[], limit: number): { threads: Thread[]; next: string | null } {
  if (threads.length <= limit) return { threads, next: null };
  const page = threads.slice(0, limit);
  const last = page.at(-1);
  const next = last === undefined ? null : encodeCursor({ createdAt: last.created_at, uuid: last.uuid });
  return { threads: page, next };
}

/** Names the next page in a Link header (RFC 8288). */
export function linkNext(request: RequestForPage, reply: FastifyReply, next: string | null): void {
  if (next === null) return;
  const [path = '', query] = request.url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('before', next);
  reply.header('link', `<${path}?${parameters}>; rel="next"`);
}

function unknownUser({ in: where, handle }: Subject) {
  return problems.USER_NOT_FOUND({
    errors: [{ in: where, field: 'handle', detail: `nobody has the handle ${handle}` }],
  });
}
