import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { FilterQuery, LogDensity } from '../../../core/logs/schemas.ts';
import type { ReadSavedFields } from '../../../core/query/parse/saved-fields.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import { documented } from '../../../http/documented.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { readLogDensity } from './log-density.ts';

/** `GET /api/logs/density`: counts of log records over time. */
export const densityRoute: FastifyPluginAsyncTypebox<{
  store: SpanStore;
  readSaved: ReadSavedFields;
}> = async (app, { store, readSaved }) => {
  app.get(
    '/api/logs/density',
    documented('logs', 'The number of log records over time, by level', LogDensity, {
      querystring: FilterQuery,
    }),
    async function countLogs({ query }, reply) {
      return readLogDensity(store, { ...query, saved: await readSaved() }, whileAwaited(reply));
    },
  );
};
