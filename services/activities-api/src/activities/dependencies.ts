import type { FastifyRequest } from 'fastify';
import type { UserDirectory } from '../users/directory.ts';
import type { ActivitiesRepository } from './repository.ts';

/** What the routes work with. */
export interface ActivitiesDependencies {
  readonly activities: ActivitiesRepository;
  readonly users: UserDirectory;
  /** The current time as ISO 8601. */
  readonly now: () => string;
  /** Milliseconds an answer waits for its authors; a page with handles only is still worth having. */
  readonly lookupTimeoutMs: number;
}

const RESERVE = 50; // milliseconds of the request's own deadline that are kept to answer without the authors

/** When to stop waiting for user-lookup, on the clock of `performance.now()`. */
export function lookupDeadline({ lookupTimeoutMs }: ActivitiesDependencies, request: FastifyRequest): number {
  return Math.min(request.deadline - RESERVE, performance.now() + lookupTimeoutMs);
}
