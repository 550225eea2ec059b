import type { FastifyInstance } from 'fastify';
import { takeQueries } from '../../../../core/query/api/bodies.ts';
import { findDataset } from '../../../../core/query/api/catalogue.ts';
import type { ReadSavedFields } from '../../../../core/query/parse/saved-fields.ts';
import type { SpanStore } from '../../../../core/store/store.ts';
import { clientGone } from '../../../../http/client-gone.ts';
import { documented } from '../../../../http/documented.ts';
import { bubbleUp } from './bubbleup.ts';
import { BubbleUpBody, parseBubbleUp } from './parse-bubbleup.ts';
import * as schemas from './schemas.ts';

/** `POST /api/bubbleup`: how selected events differ from the other events of a query, field by field. */
export async function bubbleupRoutes(
  app: FastifyInstance,
  { store, readSaved }: { store: SpanStore; readSaved: ReadSavedFields },
): Promise<void> {
  takeQueries(app);
  app.post(
    '/api/bubbleup',
    documented('query', 'How selected events differ from the rest, field by field', schemas.BubbleUpResult, {
      description: DESCRIPTION,
      body: BubbleUpBody,
    }),
    async function compareEvents({ body }, reply) {
      const request = parseBubbleUp(body);
      const dataset = await findDataset(store, request.dataset);
      const options = { saved: await readSaved(), signal: clientGone(reply) };
      return bubbleUp(store, { ...request, dataset }, options);
    },
  );
}

const DESCRIPTION =
  'Every field of the events, ordered: first differences in meaning, then in infrastructure (hosts, processes, networks), then in ids and moments, last fields that hardly differ. Of a field with few values the largest difference of a share counts, of a numeric field with many values the Kolmogorov–Smirnov distance over twenty ranges.';
