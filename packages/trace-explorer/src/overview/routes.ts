import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import Type from 'typebox';
import { clientGone } from '../query/api/client-gone.ts';
import { deadlineIn } from '../shared/deadline.ts';
import type { SpanStore } from '../store/types.ts';
import { Summary } from '../traces/api/schemas.ts';
import { readOverview } from './read-overview.ts';

const OverviewQuery = Type.Object(
  {
    time_range: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 9e9, default: 3600, description: 'seconds, up to now' }),
    ),
  },
  { additionalProperties: false },
);

const figures = {
  count: Type.Integer(),
  errors: Type.Integer(),
  estimated: Type.Optional(
    Type.Boolean({ description: 'true where all but errors are estimates: sampled spans are among them' }),
  ),
  errors_estimated: Type.Optional(Type.Boolean({ description: 'true where errors is an estimate' })),
  p50_ms: Type.Number(),
  p95_ms: Type.Number(),
};
const text = Type.String();

const Overview = Type.Object({
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
        'given where there are more than a million spans: dependencies are those of one trace in so many, times that',
    }),
  ),
  spans: Type.Integer({ description: 'in the store, of any time' }),
  requests: Type.Object(figures),
  services: Type.Integer(),
  routes: Type.Array(Type.Object({ service: text, name: text, ...figures }), {
    description:
      'requests by service and span name: SERVER spans and spans without a parent; slowest P95 first',
  }),
  more_routes: Type.Integer({ description: 'left out of routes' }),
  user_field: Type.Optional(Type.String({ description: 'the field that users are named by' })),
  users: Type.Array(Type.Object({ user: text, ...figures }), { description: 'slowest P50 first' }),
  dependencies: Type.Array(
    Type.Object({
      name: text,
      fields: Type.Array(Type.Object({ field: text, value: text })),
      ...figures,
      total_ms: Type.Number(),
    }),
    { description: 'calls to what sends no spans itself; most time first' },
  ),
  errors: Type.Array(
    Type.Object({
      service: text,
      name: text,
      message: text,
      count: Type.Integer(),
      estimated: Type.Optional(Type.Boolean()),
      first: text,
      last: text,
      trace_id: text,
      span_id: text,
    }),
    { description: 'by service, span name and message; the latest first' },
  ),
  newest: Type.Array(Summary),
  slowest: Type.Array(Summary),
});

const TIMEOUT_MS = 15_000;

/** `GET /api/overview`: what is slow, what fails, what is new. */
export async function overviewRoutes(
  instance: FastifyInstance,
  { store }: { store: SpanStore },
): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  app.get(
    '/api/overview',
    {
      schema: {
        tags: ['overview'],
        summary: 'What is slow, what fails, what is new',
        querystring: OverviewQuery,
        response: { 200: Overview },
      },
    },
    async function showOverview({ query }, reply) {
      const endTime = Date.now() / 1000;
      const startTime = endTime - (query.time_range ?? 3600);
      const options = { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) };
      return (await readOverview(store, { startTime, endTime }, options)) as Static<typeof Overview>;
    },
  );
}
