import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { problems } from '../../errors.ts';
import { traceIdField } from '../../shared/trace-id.ts';
import type { SpanStore } from '../../store/store.ts';
import { notStored } from './outline-routes.ts';
import { TraceParams } from './schemas.ts';

/** What was deleted. */
export const Deleted = Type.Object({
  traces: Type.Integer(),
  spans: Type.Integer({ description: 'spans that were deleted' }),
  logs: Type.Integer({ description: 'log records that were deleted' }),
});

const DeleteQuery = Type.Object(
  {
    all: Type.Optional(Type.Literal(true, { description: 'everything that is stored' })),
    before: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 9_000_000_000,
        description: 'traces, and log records, whose last time is before this, seconds since the epoch',
      }),
    ),
  },
  { additionalProperties: false },
);

/** `DELETE /api/traces`: what is stored, for good. The confirmation is asked for by those who call it. */
export async function deleteRoutes(
  instance: FastifyInstance,
  { store }: { store: SpanStore },
): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.delete(
    '/api/traces/:traceId',
    {
      schema: {
        tags: ['traces'],
        summary: 'Deletes one trace for good',
        params: TraceParams,
        response: { 200: Deleted },
      },
    },
    async function deleteTrace({ params }) {
      const traceId = traceIdField(params.traceId);
      const deleted = await store.delete({ traceId });
      if (deleted.traces === 0) throw notStored(traceId);
      return deleted;
    },
  );

  app.delete(
    '/api/traces',
    {
      schema: {
        tags: ['traces'],
        summary: 'Deletes everything that is stored, or the traces before a time, for good',
        description: 'Exactly one of `all` and `before`. Spans that come in meanwhile stay.',
        querystring: DeleteQuery,
        response: { 200: Deleted },
      },
    },
    async function deleteTraces({ query: { all, before } }) {
      if ((all === undefined) === (before === undefined)) {
        const detail = 'Say what to delete: all=true, or before=<seconds since the epoch>.';
        throw problems.VALIDATION_FAILED({ errors: [{ in: 'query', field: 'all', detail }] });
      }
      return store.delete(
        before === undefined ? { all: true } : { before: BigInt(Math.round(before * 1e3)) * 1_000_000n },
      );
    },
  );
}
