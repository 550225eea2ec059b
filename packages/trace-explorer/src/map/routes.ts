import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { clientGone } from '../http/client-gone.ts';
import { deadlineIn } from '../shared/deadline.ts';
import { rangeOf, rangeQuery } from '../shared/time-range.ts';
import type { SpanStore } from '../store/store.ts';
import { readServiceMap } from './read-map.ts';
import { ServiceMap } from './service-map.ts';

/** Seconds that the answer covers when nothing else is asked for. */
const DEFAULT_SECONDS = 7200;
const TIMEOUT_MS = 15_000;

/** `GET /api/map`: services and the calls between them. */
export async function mapRoutes(instance: FastifyInstance, { store }: { store: SpanStore }): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  app.get(
    '/api/map',
    {
      schema: {
        tags: ['map'],
        summary: 'Services, who calls whom, how often, how fast and with how many errors',
        querystring: rangeQuery(DEFAULT_SECONDS),
        response: { 200: ServiceMap },
      },
    },
    async function showMap({ query }, reply) {
      const options = { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) };
      return readServiceMap(store, rangeOf(query, DEFAULT_SECONDS), options);
    },
  );
}
