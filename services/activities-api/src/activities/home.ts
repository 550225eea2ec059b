import { withSpan } from '@tandem/telemetry';
import type { FastifyReply } from 'fastify';
import type { Dependencies } from './dependencies.ts';
import type { PagingRequest } from './pages.ts';
import { readPage, showPage } from './pages.ts';

/** The home feed. The guide's queries look for its two spans. */
export function homeActivities(dependencies: Dependencies, request: PagingRequest, reply: FastifyReply) {
  const now = dependencies.now();
  return withSpan('home-activities-data', { 'app.now': now, outer: true }, async function loadHome() {
    const page = await readPage(dependencies, request, now, dependencies.activities.home);
    const attributes = { 'app.now': now, 'app.result_length': page.threads.length, inner: true };
    return withSpan('home-result-activities', attributes, () => showPage(page, request, reply));
  });
}
