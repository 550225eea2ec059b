import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../http/client-gone.ts';
import { deadlineIn } from '../shared/deadline.ts';
import type { SpanStore } from '../store/store.ts';
import { compareRuns } from './compare-runs.ts';
import { Comparison, Run } from './comparison.ts';
import { chooseRuns, RUN_FIELD, readRuns } from './read-runs.ts';

const TIMEOUT_MS = 30_000;

const CompareQuery = Type.Object(
  {
    base: Type.String({ description: `a value of ${RUN_FIELD}` }),
    head: Type.Optional(Type.String({ description: 'the newest run that is not the base when left out' })),
  },
  { additionalProperties: false },
);

/** `GET /api/compare`: what a run did to every route; and `GET /api/compare/runs`. */
export async function compareRoutes(
  instance: FastifyInstance,
  { store }: { store: SpanStore },
): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  app.get(
    '/api/compare',
    {
      schema: {
        tags: ['compare'],
        summary: 'What a run did to every route: calls per request, errors, durations',
        querystring: CompareQuery,
        response: { 200: Comparison },
      },
    },
    async function showComparison({ query: { base, head } }, reply) {
      const options = { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) };
      return compareRuns(store, chooseRuns(await readRuns(store, options), base, head), options);
    },
  );
  app.get(
    '/api/compare/runs',
    {
      schema: {
        tags: ['compare'],
        summary: 'The runs that are stored',
        response: { 200: Type.Object({ runs: Type.Array(Run) }) },
      },
    },
    async function listRuns(_request, reply) {
      return { runs: await readRuns(store, { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) }) };
    },
  );
}
