import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../query/api/client-gone.ts';
import { deadlineIn } from '../shared/deadline.ts';
import type { SpanStore } from '../store/types.ts';
import { readServiceMap } from './service-map.ts';

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

const traffic = {
  count: Type.Integer(),
  rate_per_second: Type.Number(),
  errors: Type.Integer(),
  estimated: Type.Optional(
    Type.Boolean({ description: 'true where all but errors are estimates: sampled spans are among them' }),
  ),
  errors_estimated: Type.Optional(Type.Boolean({ description: 'true where errors is an estimate' })),
  error_share: Type.Number(),
  p50_ms: Type.Number(),
  p99_ms: Type.Number(),
};

const ServiceMap = Type.Object({
  start_time: Type.Number(),
  end_time: Type.Number(),
  estimated: Type.Boolean({
    description: 'whether some figures are estimates, as sampled spans count by their sample rates',
  }),
  counts_of_one_trace_in: Type.Optional(
    Type.Integer({
      description:
        'given where reading all spans needs more memory than there is: all counts are those of one trace in so many, times that',
    }),
  ),
  one_trace_in: Type.Optional(
    Type.Integer({
      description:
        'given where there are more than a million spans: calls between services are those of one trace in so many, times that',
    }),
  ),
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      type: Type.Enum(['service', 'database']),
      namespace: Type.Optional(Type.String({ description: '`service.namespace`' })),
      ...traffic,
    }),
  ),
  calls: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), ...traffic })),
});

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
      const map = await readServiceMap(
        store,
        { startTime, endTime: Math.max(startTime, endTime) },
        { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) },
      );
      return { ...map, services: [...map.services], calls: [...map.calls] };
    },
  );
}
