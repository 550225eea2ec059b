import { defineProblems } from '@tandem/service-kit';

/** Problems of this service alone; those that any route can have are the service kit's. */
export const problems = defineProblems({
  ACTIVITY_NOT_FOUND: { status: 404, title: 'No such activity' },
  USER_NOT_FOUND: { status: 404, title: 'No such user' },
  UNKNOWN_AUTHOR: { status: 422, title: 'The author is not a user' },
  USER_LOOKUP_UNAVAILABLE: {
    status: 503,
    title: 'Users cannot be looked up at the moment',
    headers: { 'retry-after': '5' },
  },
});
