import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../http/client-gone.ts';
import { asProblem, documentBody, fromJson, orNeutral, readExactJson } from '../query/api/bodies.ts';
import { findDataset } from '../query/api/catalogue.ts';
import { QueryError } from '../query/parse/query-error.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import { noSavedFields } from '../query/parse/saved-fields.ts';
import type { SpanStore } from '../store/types.ts';
import type { BubbleUpResult } from './bubbleup.ts';
import { bubbleUp } from './bubbleup.ts';
import { BubbleUpBody, parseBubbleUp } from './parse-bubbleup.ts';
import * as schemas from './schemas.ts';

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

const documentation = {
  tags: ['query'],
  summary: 'How selected events differ from the rest, field by field',
  description:
    'Every field that an event has, the most telling first: what differs in meaning, then what differs in infrastructure (hosts, processes, networks) and in ids and moments, then what hardly differs. Fields with few values are compared value by value (the difference is the largest one in share), numbers with many in twenty ranges (Kolmogorov and Smirnov’s distance).',
  response: {
    200: schemas.BubbleUpResult,
  },
};
