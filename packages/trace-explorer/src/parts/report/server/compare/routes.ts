import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../../../../core/http/documented.ts';
import { chooseRuns, readRuns } from '../../../../core/runs/read-runs.ts';
import { Comparison } from '../../../../core/runs/schemas.ts';
import { whileAwaited } from '../../../../core/shared/deadline.ts';
import { strictObject } from '../../../../core/shared/strict-object.ts';
import type { SpanStore } from '../../../../core/store/store.ts';
import { compareRuns } from './by-chance.ts';

/** Milliseconds for a comparison, which reads all spans of both runs. */
const TIMEOUT_MS = 30_000;

const CompareQuery = strictObject({
  base: Type.String({ description: 'name or id of a run' }),
  head: Type.Optional(Type.String({ description: 'by default the newest run that is not the base' })),
});

/** `GET /api/compare`: the differences between two runs, by route. */
export const compareRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/compare',
    documented(
      'compare',
      'The differences between two runs by route: calls per request, errors, durations',
      Comparison,
      { querystring: CompareQuery },
    ),
    async function showComparison({ query }, reply) {
      const limits = whileAwaited(reply, TIMEOUT_MS);
      const { run, base } = chooseRuns(await readRuns(store, limits), query.head, query.base);
      return compareRuns(store, { base, head: run }, limits);
    },
  );
};
