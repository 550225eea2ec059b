import { problems as common, defineProblems } from '@tandem/service-kit';

/** All problems of this service: the kit's problems of any route, and its own. */
export const problems = {
  ...common,
  ...defineProblems({
    ACTIVITY_NOT_FOUND: { status: 404, title: 'No such activity' },
    USER_NOT_FOUND: { status: 404, title: 'No such user' },
    UNKNOWN_AUTHOR: { status: 422, title: 'The author is not a user' },
    USER_LOOKUP_UNAVAILABLE: {
      status: 503,
      title: 'The user directory does not answer at the moment',
      headers: { 'retry-after': '5' },
    },
  }),
};
