import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../http/documented.ts';
import { whileAwaited } from '../shared/deadline.ts';
import type { SpanStore } from '../store/store.ts';
import { readRuns } from './read-runs.ts';
import { Run } from './schemas.ts';

/** Milliseconds for the list, which reads all spans. */
const TIMEOUT_MS = 30_000;

/** `GET /api/runs`: the runs. */
export const runRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/runs',
    documented('compare', 'The stored runs', Type.Object({ runs: Type.Array(Run) })),
    async function listRuns(_request, reply) {
      return { runs: await readRuns(store, whileAwaited(reply, TIMEOUT_MS)) };
    },
  );
};
