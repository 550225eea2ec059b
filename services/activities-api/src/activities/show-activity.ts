import { withinDeadline } from '@tandem/service-kit';
import type { FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';
import { findAuthors, showThread } from './authors.ts';
import type { ActivitiesDependencies } from './dependencies.ts';
import { lookupDeadline } from './dependencies.ts';

/**
 * One activity with its replies and their authors.
 * @throws Problem ACTIVITY_NOT_FOUND, also for one that has expired
 */
export async function showActivity(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest,
  uuid: string,
) {
  const thread = await withinDeadline(request, () => dependencies.activities.find(uuid, dependencies.now()));
  if (thread === undefined) throw activityNotFound(uuid);
  const authors = await findAuthors(dependencies, [thread], lookupDeadline(dependencies, request));
  return { ...showThread(thread, authors), degraded: authors.degraded };
}

/** The problem of an activity that is not there, or not any more. */
export function activityNotFound(uuid: string) {
  return problems.ACTIVITY_NOT_FOUND({
    errors: [{ in: 'path', field: 'uuid', detail: `there is no activity ${uuid}, or it has expired` }],
  });
}
