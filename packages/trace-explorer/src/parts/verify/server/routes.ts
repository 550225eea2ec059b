import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { SpanStore } from '../../../core/store/store.ts';
import { documented } from '../../../http/documented.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { strictObject } from '../../../lib/strict-object.ts';
import { intervalOf, rangeQuery } from '../../../lib/time/time-range.ts';
import { Report } from './schemas.ts';
import { SharedReports } from './shared-reports.ts';
import { verify } from './verify.ts';

const querystring = strictObject({
  ...rangeQuery().properties,
  service: Type.Optional(Type.String({ description: 'only this service' })),
  dataset: Type.Optional(Type.String({ description: 'only this dataset' })),
});

/** `GET /api/verify`: whether the telemetry is right, by service. */
export const verifyRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  const shared = new SharedReports();
  app.get(
    '/api/verify',
    documented('verify', 'Whether the telemetry is right: a score and what mends it, by service', Report, {
      querystring,
    }),
    async function verifyTelemetry({ query: { service, dataset, ...range } }, reply) {
      const scope = { ...intervalOf(range), service, dataset };
      const { signal, deadline } = whileAwaited(reply);
      return shared.take(scope, signal, (own) => verify(store, scope, { deadline, signal: own }));
    },
  );
};
