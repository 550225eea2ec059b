import { withSpan } from '@tandem/telemetry';
import type { FastifyReply } from 'fastify';
import type { Dependencies } from './authors.ts';
import { findAuthors, showThread } from './authors.ts';
import type { RequestForPage } from './pages.ts';
import { cutPage, linkNext, pageRequest } from './pages.ts';

/** The home feed; its two spans are what the guide's queries look for. */
export function homeActivities(dependencies: Dependencies, request: RequestForPage, reply: FastifyReply) {
  const now = dependencies.now();
  return withSpan('home-activities-data', { 'app.now': now, outer: true }, async function loadHome() {
    const page = pageRequest(request, now);
    const { threads, next } = cutPage(await dependencies.activities.home(page), page);
    const authors = await findAuthors(dependencies, threads, request.deadline);
    const attributes = { 'app.now': now, 'app.result_length': threads.length, inner: true };
    return withSpan('home-result-activities', attributes, () => {
      linkNext(request, reply, next);
      const activities = threads.map((thread) => showThread(thread, authors));
      return { activities, next_cursor: next, degraded: authors.degraded };
    });
  });
}
