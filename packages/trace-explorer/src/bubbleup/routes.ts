import type { FastifyInstance } from 'fastify';
import { clientGone } from '../http/client-gone.ts';
import { readExactJson } from '../query/api/bodies.ts';
import { findDataset } from '../query/api/catalogue.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import { noSavedFields } from '../query/parse/saved-fields.ts';
import type { SpanStore } from '../store/store.ts';
import { bubbleUp } from './bubbleup.ts';
import { BubbleUpBody, parseBubbleUp } from './parse-bubbleup.ts';
import * as schemas from './schemas.ts';

/** `POST /api/bubbleup`: how the events of a selection differ from the rest of a query's, field by field. */
export async function bubbleupRoutes(
  app: FastifyInstance,
  { store, readSaved = noSavedFields }: { store: SpanStore; readSaved?: ReadSavedFields },
): Promise<void> {
  readExactJson(app);
  app.post(
    '/api/bubbleup',
    { schema: documentation, validatorCompiler: () => () => true, bodyLimit: 256 * 1024 },
    async function compareEvents({ body }, reply) {
      const request = parseBubbleUp(body, await readSaved());
      const dataset = await findDataset(store, request.dataset);
      return bubbleUp(store, { ...request, dataset }, { signal: clientGone(reply) });
    },
  );
}

const documentation = {
  tags: ['query'],
  summary: 'How selected events differ from the rest, field by field',
  description:
    'Every field that an event has, the most telling first: what differs in meaning, then what differs in infrastructure (hosts, processes, networks) and in ids and moments, then what hardly differs. Fields with few values are compared value by value (the difference is the largest one in share), numbers with many in twenty ranges (Kolmogorov and Smirnov’s distance).',
  body: BubbleUpBody,
  response: { 200: schemas.BubbleUpResult },
};
