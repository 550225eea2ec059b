import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { documented } from '../http/documented.ts';
import { whileAwaited } from '../shared/deadline.ts';
import { strictObject } from '../shared/strict-object.ts';
import { rangeOf, rangeQuery } from '../shared/time-range.ts';
import type { SpanStore } from '../store/store.ts';
import { FindingsFilter, RouteFindings, readFindings } from './findings.ts';
import { Overview } from './overview.ts';
import { readOverview } from './read-overview.ts';

/** Seconds of the answer when the request names no range. */
const DEFAULT_SECONDS = 3600;

const FindingsQuery = strictObject({
  ...rangeQuery(DEFAULT_SECONDS).properties,
  ...FindingsFilter.properties,
});

/** `GET /api/overview`: slow, failing and new work. `GET /api/overview/findings`: findings by route. */
export const overviewRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/overview',
    documented('overview', 'Slow, failing and new work in a time range', Overview, {
      querystring: rangeQuery(DEFAULT_SECONDS),
    }),
    async function showOverview({ query }, reply) {
      return readOverview(store, rangeOf(query, DEFAULT_SECONDS), whileAwaited(reply));
    },
  );
  app.get(
    '/api/overview/findings',
    documented(
      'overview',
      'Findings by route, with the number of their traces in a sample of the range',
      RouteFindings,
      { querystring: FindingsQuery },
    ),
    async function showFindings({ query }, reply) {
      return readFindings(store, { ...query, ...rangeOf(query, DEFAULT_SECONDS) }, whileAwaited(reply));
    },
  );
};
