import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../http/client-gone.ts';
import { deadlineIn } from '../shared/deadline.ts';
import type { SpanStore } from '../store/types.ts';
import { readServiceMap } from './read-map.ts';
import { ServiceMap } from './service-map.ts';

const seconds = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 9e9, description }));

const MapQuery = Type.Object(
  {
    time_range: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 9e9,
        default: 7200,
        description: 'seconds, up to end_time',
      }),
    ),
    start_time: seconds('seconds since the epoch; instead of time_range'),
    end_time: seconds('seconds since the epoch; now when left out'),
  },
  { additionalProperties: false },
);

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
        querystring: MapQuery,
        response: { 200: ServiceMap },
      },
    },
    async function showMap({ query }, reply) {
      const endTime = query.end_time ?? Date.now() / 1000;
      const startTime = query.start_time ?? endTime - (query.time_range ?? 7200);
      return readServiceMap(
        store,
        { startTime, endTime: Math.max(startTime, endTime) },
        { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) },
      );
    },
  );
}
