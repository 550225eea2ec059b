import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { documented } from '../http/documented.ts';
import { whileAwaited } from '../shared/deadline.ts';
import { rangeOf, rangeQuery } from '../shared/time-range.ts';
import type { SpanStore } from '../store/store.ts';
import { readServiceMap } from './read-map.ts';
import { ServiceMap } from './schemas.ts';

const SUMMARY = 'Services and the calls between them: how often, how fast and with how many errors';

/** `GET /api/map`: services and the calls between them. */
export const mapRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/map',
    documented('map', SUMMARY, ServiceMap, { querystring: rangeQuery(7200) }),
    async function showMap({ query }, reply) {
      return readServiceMap(store, rangeOf(query), whileAwaited(reply));
    },
  );
};
