import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { documented } from '../../http/documented.ts';
import { whileAwaited } from '../../http/while-awaited.ts';
import { traceIdField } from '../../lib/trace-id.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import type { SpanStore } from '../store/store.ts';
import { findTraces } from '../traces/list/find-traces.ts';
import { likeTraces } from '../traces/list/like-traces.ts';
import { LikeList, List, ListQuery } from '../traces/list/schemas.ts';
import { TraceParams } from '../traces/schemas.ts';
import { TraceCache } from '../traces/tree/trace-cache.ts';
import { outlineRoutes } from './outline-routes.ts';

/** `/api/traces`: lists of traces, and the parts of one trace that the page needs. */
export const traceRoutes: FastifyPluginAsyncTypebox<{
  store: SpanStore;
  readSaved: ReadSavedFields;
}> = async (app, { store, readSaved }) => {
  const cache = new TraceCache(store);
  app.addHook('onClose', async function closeTraceCache() {
    cache.close();
  });
  await app.register(outlineRoutes, { store, cache });

  app.get(
    '/api/traces',
    documented('traces', 'Traces in one line each, newest or slowest first', List, {
      querystring: ListQuery,
    }),
    async function listTraces({ query }, reply) {
      const { order, limit = 50 } = query;
      const saved = await readSaved();
      const options = { ...query, order: order === 'slowest' ? order : ('newest' as const), limit, saved };
      return findTraces(store, options, whileAwaited(reply));
    },
  );

  app.get(
    '/api/traces/:traceId/like',
    documented(
      'traces',
      'Traces to compare one with: a median one, a fast one, one of the version before, the newest',
      LikeList,
      { params: TraceParams },
    ),
    async function listLikeTraces({ params }, reply) {
      const traceId = traceIdField(params.traceId);
      return likeTraces(store, traceId, await cache.tree(traceId), whileAwaited(reply));
    },
  );
};
