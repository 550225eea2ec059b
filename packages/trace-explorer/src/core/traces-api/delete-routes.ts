import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../../http/documented.ts';
import { strictObject } from '../../lib/strict-object.ts';
import { nanosecondsOf } from '../../lib/time/time-range.ts';
import { traceIdField } from '../../lib/trace-id.ts';
import { problems } from '../errors.ts';
import type { SpanStore } from '../store/store.ts';
import { Deleted, TraceParams } from '../traces/schemas.ts';
import { notStored } from './outline-routes.ts';

const DeleteQuery = strictObject({
  all: Type.Optional(Type.Literal(true, { description: 'all stored traces and log records' })),
  before: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 9_000_000_000,
      description: 'traces and log records that ended before this time, seconds since the epoch',
    }),
  ),
});

/** `DELETE /api/traces`: deletes stored data for good. The caller asks the person for confirmation. */
export const deleteRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.delete(
    '/api/traces/:traceId',
    documented('traces', 'Deletes one trace for good', Deleted, { params: TraceParams }),
    async function deleteTrace({ params }) {
      const traceId = traceIdField(params.traceId);
      const deleted = await store.delete({ traceId });
      if (deleted.traces === 0) throw notStored(traceId);
      return deleted;
    },
  );

  app.delete(
    '/api/traces',
    documented('traces', 'Deletes all traces, or the traces before a time, for good', Deleted, {
      description: 'Exactly one of `all` and `before`. Spans that arrive during the deletion stay.',
      querystring: DeleteQuery,
    }),
    async function deleteTraces({ query: { all, before } }) {
      if ((all === undefined) === (before === undefined)) {
        const detail = 'Say what to delete: all=true, or before=<seconds since the epoch>.';
        throw problems.VALIDATION_FAILED({ errors: [{ in: 'query', field: 'all', detail }] });
      }
      return store.delete(before === undefined ? { all: true } : { before: nanosecondsOf(before) });
    },
  );
};
