import { problems as common, defineProblems } from '@tandem/service-kit';

/** All problems of this service: those that any route can have, and its own. */
export const problems = {
  ...common,
  ...defineProblems({
    USER_NOT_FOUND: { status: 404, title: 'No such user' },
  }),
};
