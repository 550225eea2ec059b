import type { FastifyRequest } from 'fastify';
import type { UserDirectory } from '../user-directory.ts';
import type { AuthorCache } from './author-cache.ts';
import type { ActivitiesRepository } from './repository.ts';

/** Kept of the request's own deadline, to answer without the authors. */
const RESERVE_MS = 50;

/** What the routes work with. */
export interface ActivitiesDependencies {
  readonly activities: ActivitiesRepository;
  readonly users: UserDirectory;
  /** Shown while users cannot be looked up. */
  readonly authorCache: AuthorCache;
  /** The current time as ISO 8601. */
  readonly now: () => string;
  /** Milliseconds that an answer waits for its authors; a page with old names is still worth having. */
  readonly lookupTimeoutMs: number;
}

/** When to stop waiting for user-lookup, on the clock of `performance.now()`. */
export function lookupDeadline({ lookupTimeoutMs }: ActivitiesDependencies, request: FastifyRequest): number {
  return Math.min(request.deadline - RESERVE_MS, performance.now() + lookupTimeoutMs);
}
