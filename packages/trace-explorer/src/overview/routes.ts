import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../http/client-gone.ts';
import { deadlineIn } from '../shared/deadline.ts';
import type { SpanStore } from '../store/types.ts';
import { Overview } from './overview.ts';
import { readOverview } from './read-overview.ts';

const seconds = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 9e9, description }));

const OverviewQuery = Type.Object(
  {
    time_range: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 9e9,
        default: 3600,
        description: 'seconds, up to end_time',
      }),
    ),
    start_time: seconds('seconds since the epoch; instead of time_range'),
    end_time: seconds('seconds since the epoch; now when left out'),
  },
  { additionalProperties: false },
);

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
      const endTime = query.end_time ?? Date.now() / 1000;
      const startTime = query.start_time ?? endTime - (query.time_range ?? 3600);
      const options = { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) };
      return readOverview(store, { startTime, endTime: Math.max(startTime, endTime) }, options);
    },
  );
}
