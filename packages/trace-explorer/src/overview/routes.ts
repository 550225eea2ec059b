import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { documented } from '../http/documented.ts';
import { whileAwaited } from '../shared/deadline.ts';
import { rangeOf, rangeQuery } from '../shared/time-range.ts';
import type { SpanStore } from '../store/store.ts';
import { readOverview } from './read-overview.ts';
import { Overview } from './schemas.ts';

/** `GET /api/overview`: figures, routes, dependencies and deploys. */
export const overviewRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/overview',
    documented('overview', 'Figures, routes, dependencies and deploys of a time range', Overview, {
      querystring: rangeQuery(),
    }),
    async function showOverview({ query }, reply) {
      return readOverview(store, rangeOf(query), whileAwaited(reply));
    },
  );
};
