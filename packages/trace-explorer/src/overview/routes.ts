import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../http/client-gone.ts';
import { deadlineIn } from '../shared/deadline.ts';
import { rangeOf, rangeQuery } from '../shared/time-range.ts';
import type { SpanStore } from '../store/store.ts';
import { FindingsFilter, RouteFindings, readFindings } from './findings.ts';
import { Overview } from './overview.ts';
import { readOverview } from './read-overview.ts';

/** Seconds that the answer covers when nothing else is asked for. */
const DEFAULT_SECONDS = 3600;
const TIMEOUT_MS = 15_000;

/** `GET /api/overview`: what is slow, what fails, what is new; and `GET /api/overview/findings`. */
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
        querystring: rangeQuery(DEFAULT_SECONDS),
        response: { 200: Overview },
      },
    },
    async function showOverview({ query }, reply) {
      const options = { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) };
      return readOverview(store, rangeOf(query, DEFAULT_SECONDS), options);
    },
  );
  app.get(
    '/api/overview/findings',
    {
      schema: {
        tags: ['overview'],
        summary: 'Which routes have which findings, in how many traces of a sample of the range',
        querystring: Type.Object(
          { ...rangeQuery(DEFAULT_SECONDS).properties, ...FindingsFilter.properties },
          { additionalProperties: false },
        ),
        response: { 200: RouteFindings },
      },
    },
    async function showFindings({ query }, reply) {
      const options = { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) };
      return readFindings(store, { ...query, ...rangeOf(query, DEFAULT_SECONDS) }, options);
    },
  );
}
