import { problems as common, defineProblems } from '@tandem/service-kit';

/** All problems of this service: the kit's problems of any route, and its own. */
export const problems = {
  ...common,
  ...defineProblems({
    USER_NOT_FOUND: { status: 404, title: 'No such user' },
  }),
};
