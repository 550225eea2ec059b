import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { clientGone } from '../../http/client-gone.ts';
import type { ReadSavedFields } from '../../query/parse/saved-fields.ts';
import { noSavedFields } from '../../query/parse/saved-fields.ts';
import { deadlineIn } from '../../shared/deadline.ts';
import { traceIdField } from '../../shared/trace-id.ts';
import type { SpanStore } from '../../store/store.ts';
import { findTraces } from '../list/find-traces.ts';
import { likeTraces } from '../list/like-traces.ts';
import { TraceCache } from '../tree/trace-cache.ts';
import { outlineRoutes } from './outline-routes.ts';
import { LikeList, List, ListQuery, TraceParams } from './schemas.ts';

/** Milliseconds for reading a list. A person does not wait longer. */
const LIST_TIMEOUT_MS = 15_000;

/** `/api/traces`: lists of traces, and the parts of one trace that the page needs. */
export async function traceRoutes(
  instance: FastifyInstance,
  { store, readSaved = noSavedFields }: { store: SpanStore; readSaved?: ReadSavedFields },
): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const cache = new TraceCache(store);
  app.addHook('onClose', async function closeTraceCache() {
    cache.close();
  });
  await app.register(outlineRoutes, { store, cache });

  app.get(
    '/api/traces',
    {
      schema: {
        tags: ['traces'],
        summary: 'Traces in one line each, newest or slowest first',
        querystring: ListQuery,
        response: { 200: List },
      },
    },
    async function listTraces({ query }, reply) {
      const { order, limit = 50 } = query;
      const saved = await readSaved();
      const options = { ...query, order: order === 'slowest' ? order : ('newest' as const), limit, saved };
      const read = { deadline: deadlineIn(LIST_TIMEOUT_MS), signal: clientGone(reply) };
      return findTraces(store, options, read);
    },
  );

  app.get(
    '/api/traces/:traceId/like',
    {
      schema: {
        tags: ['traces'],
        summary:
          'Traces to compare one with: a median one, a fast one, one of the version before, the newest',
        params: TraceParams,
        response: { 200: LikeList },
      },
    },
    async function listLikeTraces({ params }, reply) {
      const traceId = traceIdField(params.traceId);
      const read = { deadline: deadlineIn(LIST_TIMEOUT_MS), signal: clientGone(reply) };
      return likeTraces(store, traceId, await cache.tree(traceId), read);
    },
  );
}
