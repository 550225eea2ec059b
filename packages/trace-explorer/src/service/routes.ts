import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { readDeploys } from '../causes/deploys.ts';
import { Deploy } from '../causes/schemas.ts';
import { documented } from '../http/documented.ts';
import { whileAwaited } from '../shared/deadline.ts';
import { strictObject } from '../shared/strict-object.ts';
import { nanosecondsOf, rangeOf, rangeQuery } from '../shared/time-range.ts';
import type { SpanStore } from '../store/store.ts';

/** `/api/services/:name/deploys`: the deploys that only a service's page reads. */
export const serviceRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
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
      const { endTime } = rangeOf(query);
      const deploys = await readDeploys(store, nanosecondsOf(endTime), whileAwaited(reply));
      return { deploys: deploys.filter(({ service }) => service === params.name) };
    },
  );
};
