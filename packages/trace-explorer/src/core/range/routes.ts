import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../http/documented.ts';
import { whileAwaited } from '../shared/deadline.ts';
import { strictObject } from '../shared/strict-object.ts';
import { nanosecondsOf, rangeOf, rangeQuery } from '../shared/time-range.ts';
import type { SpanStore } from '../store/store.ts';
import { readDeploys } from './deploys.ts';
import { Deploy } from './schemas.ts';

const DeploysQuery = strictObject({
  ...rangeQuery().properties,
  service: Type.Optional(Type.String({ maxLength: 1000 })),
});

/** `GET /api/deploys`: the deploys that charts of a time range mark. */
export const deployRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/deploys',
    documented(
      'overview',
      'The deploys of a time range, of one service or of all',
      Type.Object({ deploys: Type.Array(Deploy) }),
      { querystring: DeploysQuery },
    ),
    async function listDeploys({ query }, reply) {
      const { startTime, endTime } = rangeOf(query);
      const deploys = await readDeploys(store, nanosecondsOf(endTime), whileAwaited(reply));
      const isShown = ({ time, service }: Deploy) =>
        Date.parse(time) / 1000 >= startTime && service === (query.service ?? service);
      return { deploys: deploys.filter(isShown) };
    },
  );
};
