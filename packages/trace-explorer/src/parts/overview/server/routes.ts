import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { readDeploys } from '../../../core/range/deploys.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import { documented } from '../../../http/documented.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { strictObject } from '../../../lib/strict-object.ts';
import { intervalOf, rangeQuery } from '../../../lib/time/time-range.ts';
import { readOverview } from './read-overview.ts';
import { Overview } from './schemas.ts';

const OverviewQuery = strictObject({
  ...rangeQuery().properties,
  service: Type.Optional(
    Type.String({
      maxLength: 1000,
      description: 'requests of this service, its calls and its deploys only',
    }),
  ),
});

/** What a range shows: `GET /api/overview`, and its deploys alone, for charts: `GET /api/deploys`. */
export const overviewRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/overview',
    documented('overview', 'Figures, routes, dependencies and deploys of a time range', Overview, {
      querystring: OverviewQuery,
    }),
    async function showOverview({ query }, reply) {
      return readOverview(store, intervalOf(query), { ...whileAwaited(reply), service: query.service });
    },
  );

  const Deploys = Overview.properties.deploys;
  app.get(
    '/api/deploys',
    documented('overview', 'The deploys up to the end of a time range', Deploys, {
      querystring: OverviewQuery,
    }),
    async function listDeploys({ query }, reply) {
      const deploys = await readDeploys(store, intervalOf(query).end, whileAwaited(reply));
      return deploys.filter(({ service }) => service === (query.service ?? service));
    },
  );
};
