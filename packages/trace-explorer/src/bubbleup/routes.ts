import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { asProblem } from '../query/api/as-problem.ts';
import { clientGone } from '../query/api/client-gone.ts';
import { findDataset } from '../query/api/datasets.ts';
import { documentBody, orNeutral } from '../query/api/document-body.ts';
import { readExactJson } from '../query/api/exact-json.ts';
import { fromJson } from '../query/api/from-json.ts';
import { QueryError } from '../query/parse/query-error.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import { noSavedFields } from '../query/parse/saved-fields.ts';
import type { SpanStore } from '../store/types.ts';
import type { BubbleUpResult } from './bubbleup.ts';
import { bubbleUp } from './bubbleup.ts';
import { BubbleUpBody, parseBubbleUp } from './parse-bubbleup.ts';

/**
 * `/api/bubbleup`: how the events of a selection differ from the rest of a query's, field by field. GET has the
 * query and the selection as JSON in parameters, POST in its body.
 */
export async function bubbleupRoutes(
  app: FastifyInstance,
  { store, readSaved = noSavedFields }: { store: SpanStore; readSaved?: ReadSavedFields },
): Promise<void> {
  readExactJson(app);
  const answer = async (
    input: unknown,
    where: 'query' | 'body',
    reply: FastifyReply,
  ): Promise<BubbleUpResult> => {
    try {
      const request = parseBubbleUp(input, await readSaved());
      const dataset = await findDataset(store, request.dataset);
      return await bubbleUp(store, { ...request, dataset }, { signal: clientGone(reply) });
    } catch (error) {
      throw error instanceof QueryError ? asProblem(error, where) : error;
    }
  };

  app.get<{ Querystring: Record<string, string> }>(
    '/api/bubbleup',
    {
      schema: { ...documentation, querystring: BubbleUpQuery },
      validatorCompiler: () => () => true,
    },
    async function compareByParameters({ query }, reply) {
      const { query: spec, selection, ...rest } = query;
      const input = { ...rest, query: fromJson(spec, 'query'), selection: fromJson(selection, 'selection') };
      return answer(input, 'query', reply);
    },
  );

  app.post(
    '/api/bubbleup',
    {
      schema: { ...documentation, body: documentBody(BubbleUpBody) },
      validatorCompiler: () => () => true,
      bodyLimit: 256 * 1024,
    },
    async function compareByBody(request, reply) {
      return answer(request.body, 'body', reply);
    },
  );
}

const BubbleUpQuery = Type.Object({
  dataset: BubbleUpBody.properties.dataset,
  query: Type.Optional(Type.String({ description: 'A query specification as JSON.' })),
  selection: Type.String({ description: 'JSON, as in the body of POST.' }),
  compare: Type.Optional(orNeutral(BubbleUpBody.properties.compare, [''])),
});

const BucketAnswer = Type.Object({
  value: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  range: Type.Optional(
    Type.Object({
      from: Type.Union([Type.Number(), Type.Null()]),
      to: Type.Union([Type.Number(), Type.Null()]),
    }),
  ),
  selection: Type.Integer({ description: 'Selected events, or traces.' }),
  baseline: Type.Integer({ description: 'All others.' }),
});

const documentation = {
  tags: ['query'],
  summary: 'How selected events differ from the rest, field by field',
  description:
    'Every field that an event has, the most telling first: what differs in meaning, then what differs in infrastructure (hosts, processes, networks) and in ids and moments, then what hardly differs. Fields with few values are compared value by value (the difference is the largest one in share), numbers with many in twenty ranges (Kolmogorov and Smirnov’s distance).',
  response: {
    200: Type.Object({
      selection: Type.Object({ events: Type.Integer() }),
      baseline: Type.Object({ events: Type.Integer() }),
      estimated: Type.Boolean({ description: 'Whether sampled events count by their sample rates.' }),
      sampled: Type.Optional(
        Type.Object(
          { selection: Type.Integer(), baseline: Type.Integer() },
          {
            description:
              'Given where there are more than a million events, or whole traces are compared in a store of more rows than that: how many were looked at. Counts are made those of all; of traces those are estimates.',
          },
        ),
      ),
      fields: Type.Array(
        Type.Object({
          name: Type.String(),
          type: Type.String(),
          difference: Type.Number({ minimum: 0, maximum: 1 }),
          group: Type.Enum(['meaning', 'infrastructure', 'identity']),
          selected_by: Type.Boolean({ description: 'Whether the selection is made by this field.' }),
          of_query: Type.Boolean({
            description: 'false when only other spans of the traces have it (`compare: traces`)',
          }),
          buckets: Type.Array(BucketAnswer),
        }),
      ),
      skipped: Type.Integer({ description: 'Fields there was no time for.' }),
    }),
  },
};
