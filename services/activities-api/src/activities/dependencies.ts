import type { UserDirectory } from '../user-lookup/call.ts';
import type { ActivitiesRepository } from './repository.ts';

/** The dependencies of the routes. */
export interface Dependencies {
  readonly activities: ActivitiesRepository;
  readonly users: UserDirectory;
  /** The current time as ISO 8601. */
  readonly now: () => string;
}
