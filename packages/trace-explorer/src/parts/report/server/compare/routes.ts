import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { chooseRuns, readRuns } from '../../../../core/runs/read-runs.ts';
import type { SpanStore } from '../../../../core/store/store.ts';
import { documented } from '../../../../http/documented.ts';
import { whileAwaited } from '../../../../http/while-awaited.ts';
import { strictObject } from '../../../../lib/strict-object.ts';
import { byChance } from './by-chance.ts';
import { RunComparison } from './change.ts';
import { checkWeights } from './check-weights.ts';
import { readRoutes } from './read-routes.ts';

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
      RunComparison,
      { querystring: CompareQuery },
    ),
    async function showComparison({ query }, reply) {
      const limits = whileAwaited(reply, TIMEOUT_MS);
      const { run: head, base } = chooseRuns(await readRuns(store, limits), query.head, query.base);
      checkWeights(base, head);
      const read = await readRoutes(store, { base, head }, limits);
      const { changes, routes } = byChance(read.base, read.head, {
        areSamples: head.weighted === true,
      });
      const worse = changes.some((change) => change.worse);
      return { base, head, worse, changes, routes, more_routes: read.count - routes.length };
    },
  );
};
