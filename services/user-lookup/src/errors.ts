import { defineProblems } from '@tandem/service-kit';

/** Problems of this service alone; those that any route can have are the service kit's. */
export const problems = defineProblems({
  USER_NOT_FOUND: { status: 404, title: 'No such user' },
});
