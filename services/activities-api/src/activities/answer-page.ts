import type { FieldError } from '@tandem/service-kit';
import { withinDeadline } from '@tandem/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';
import { findAuthors, showThread } from './authors.ts';
import type { ActivitiesDependencies } from './dependencies.ts';
import { lookupDeadline } from './dependencies.ts';
import type { RequestForPage } from './paging.ts';
import { cutPage, linkNext } from './paging.ts';
import type { SearchResult } from './search-result.ts';
import type { Thread } from './threads.ts';

/** A user who must exist for the request to make sense. */
interface Subject {
  readonly in: FieldError['in'];
  readonly handle: string;
}

/**
 * Loads a page with its authors and makes the answer of it.
 * @throws Problem USER_NOT_FOUND when nobody is `subject`
 */
export async function answerPage(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest & RequestForPage,
  reply: FastifyReply,
  load: () => Promise<Thread[] | SearchResult>,
  subject?: Subject,
) {
  const found = await withinDeadline(request, load);
  const { threads: all, searchedTo } = Array.isArray(found) ? { threads: found } : found;
  const { threads, next } = cutPage(all, request.query.limit, searchedTo);
  const others = subject === undefined ? [] : [subject.handle];
  const authors = await findAuthors(dependencies, threads, lookupDeadline(dependencies, request), others);
  if (subject !== undefined && authors.missing.has(subject.handle)) throw userNotFound(subject);
  linkNext(request, reply, next);
  return {
    activities: threads.map((thread) => showThread(thread, authors)),
    next_cursor: next,
    degraded: authors.degraded,
  };
}

function userNotFound({ in: where, handle }: Subject) {
  return problems.USER_NOT_FOUND({
    errors: [{ in: where, field: 'handle', detail: `nobody has the handle ${handle}` }],
  });
}
