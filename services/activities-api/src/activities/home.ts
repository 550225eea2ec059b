import { withinDeadline } from '@tandem/service-kit';
import { withSpan } from '@tandem/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findAuthors, showThread } from './authors.ts';
import type { ActivitiesDependencies } from './dependencies.ts';
import { lookupDeadline } from './dependencies.ts';
import { cutPage, linkNext, pageRequest } from './paging.ts';

/** The home feed; its two spans are what the guide's queries look for. */
export function homeActivities(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest<{ Querystring: { limit: number; before?: string } }>,
  reply: FastifyReply,
) {
  const now = dependencies.now();
  return withSpan('home-activities-data', { 'app.now': now, outer: true }, async function loadHome() {
    const page = pageRequest(request, now);
    const found = await withinDeadline(request, () => dependencies.activities.home(page));
    const { threads, next } = cutPage(found, request.query.limit);
    const authors = await findAuthors(dependencies, threads, lookupDeadline(dependencies, request));
    const attributes = { 'app.now': now, 'app.result_length': threads.length, inner: true };
    return withSpan('home-result-activities', attributes, () => {
      linkNext(request, reply, next);
      return {
        activities: threads.map((thread) => showThread(thread, authors)),
        next_cursor: next,
        degraded: authors.degraded,
      };
    });
  });
}
