import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../../../core/http/documented.ts';
import { readDeploys } from '../../../core/range/deploys.ts';
import { Deploy } from '../../../core/range/schemas.ts';
import { whileAwaited } from '../../../core/shared/deadline.ts';
import { strictObject } from '../../../core/shared/strict-object.ts';
import { rangeOf, rangeQuery, withinOf } from '../../../core/shared/time-range.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import { readOverview } from './read-overview.ts';
import { Overview } from './schemas.ts';

/** What a range shows: `GET /api/overview`, and the deploys of one service. */
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

  app.get(
    '/api/services/:name/deploys',
    documented(
      'map',
      'Deploys of a service up to the end of the range, the newest first',
      Type.Object({ deploys: Type.Array(Deploy) }),
      {
        params: strictObject({ name: Type.String({ maxLength: 1000 }) }),
        querystring: rangeQuery(),
      },
    ),
    async function listDeploys({ params, query }, reply) {
      const { end } = withinOf(rangeOf(query));
      const deploys = await readDeploys(store, end, whileAwaited(reply));
      return { deploys: deploys.filter(({ service }) => service === params.name) };
    },
  );
};
