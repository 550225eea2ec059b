import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { SpanStore } from '../../../core/store/store.ts';
import { documented } from '../../../http/documented.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { intervalOf, rangeQuery } from '../../../lib/time/time-range.ts';
import { readServiceMap } from './read-map.ts';
import { ServiceMap } from './schemas.ts';

/** `GET /api/map`: which service calls which in a range. */
export const mapRoute: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/map',
    documented(
      'map',
      'Services and the calls between them: how often, how fast and with how many errors',
      ServiceMap,
      { querystring: rangeQuery(7200) },
    ),
    async function showMap({ query }, reply) {
      return readServiceMap(store, intervalOf(query), whileAwaited(reply));
    },
  );
};
