import { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../../http/client-gone.ts';
import { fromJson } from '../../query/api/bodies.ts';
import { findDataset } from '../../query/api/catalogue.ts';
import { parseQuery } from '../../query/parse/parse-query.ts';
import { ALL_DATASETS } from '../../query/parse/query-spec.ts';
import type { ReadSavedFields } from '../../query/parse/saved-fields.ts';
import { noSavedFields } from '../../query/parse/saved-fields.ts';
import { newestTraces } from '../../query/rows/newest-rows.ts';
import type { SpanStore } from '../../store/store.ts';
import { exportTrace } from '../forms/export-trace.ts';

const ExportQuery = Type.Object(
  {
    dataset: Type.Optional(Type.String({ default: ALL_DATASETS })),
    query: Type.Optional(Type.String({ description: 'A query specification as JSON.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200, description: 'Traces.' })),
  },
  { additionalProperties: false },
);

/** `GET /api/export`: the traces of the newest rows that match a query. */
export async function exportRoutes(
  instance: FastifyInstance,
  { store, readSaved = noSavedFields }: { store: SpanStore; readSaved?: ReadSavedFields },
): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  app.get(
    '/api/export',
    { schema: documentation },
    async function exportTraces({ query: { dataset = ALL_DATASETS, query, limit = 200 } }, reply) {
      const request = {
        dataset: await findDataset(store, dataset),
        query: parseQuery(fromJson(query, 'query') ?? {}, await readSaved()),
        limit,
      };
      const ids = await newestTraces(store, request, { signal: clientGone(reply) });
      reply.type('application/x-ndjson').header('content-disposition', 'attachment; filename="traces.jsonl"');
      return reply.send(Readable.from(traceLines(store, ids)));
    },
  );
}

/** Each trace on a line. A trace that was evicted meanwhile is left out. */
async function* traceLines(store: SpanStore, ids: readonly string[]): AsyncGenerator<string> {
  for (const id of ids) {
    let any = false;
    for await (const piece of exportTrace(store, id)) {
      any = true;
      yield piece;
    }
    if (any) yield '\n';
  }
}

const documentation = {
  tags: ['traces'],
  summary: 'The traces of the newest rows that match a query, each on a line of OTLP JSON',
  description:
    'Whole traces, every span as it was sent; `import` of the command reads them. Times, filters and calculated fields of the query say which rows.',
  querystring: ExportQuery,
  response: {
    200: {
      description: 'An ExportTraceServiceRequest per line',
      content: { 'application/x-ndjson': { schema: Type.Unsafe<Readable>(Type.String()) } },
    },
  },
};
