import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../../http/client-gone.ts';
import { asProblem, fromJson } from '../../query/api/bodies.ts';
import { findDataset } from '../../query/api/catalogue.ts';
import { parseQuery } from '../../query/parse/parse-query.ts';
import { QueryError } from '../../query/parse/query-error.ts';
import { readBySchema } from '../../query/parse/read-by-schema.ts';
import type { ReadSavedFields, SavedFields } from '../../query/parse/saved-fields.ts';
import { noSavedFields } from '../../query/parse/saved-fields.ts';
import { newestTraces } from '../../query/rows/newest-rows.ts';
import { ALL_DATASETS } from '../../query/run/run-query.ts';
import type { SpanStore } from '../../store/types.ts';
import { exportTrace } from '../forms/export-trace.ts';

const ExportQuery = Type.Object({
  dataset: Type.Optional(Type.String({ default: ALL_DATASETS })),
  query: Type.Optional(Type.String({ description: 'A query specification as JSON.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200, description: 'Traces.' })),
});

/** `GET /api/export`: the traces of the newest rows that match a query. */
export async function exportRoutes(
  app: FastifyInstance,
  { store, readSaved = noSavedFields }: { store: SpanStore; readSaved?: ReadSavedFields },
): Promise<void> {
  app.get<{ Querystring: Record<string, string> }>(
    '/api/export',
    { schema: documentation, validatorCompiler: () => () => true },
    async function exportTraces({ query: given }, reply) {
      try {
        const { limit, ...request } = parseExport(given, await readSaved());
        const dataset = await findDataset(store, request.dataset);
        const ids = await newestTraces(store, { ...request, dataset, limit }, { signal: clientGone(reply) });
        reply
          .type('application/x-ndjson')
          .header('content-disposition', 'attachment; filename="traces.jsonl"');
        return reply.send(Readable.from(traceLines(store, ids)));
      } catch (error) {
        throw error instanceof QueryError ? asProblem(error, 'query') : error;
      }
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

/** @throws QueryError, or a problem for a query that is not JSON */
function parseExport({ limit, ...given }: Record<string, string>, saved: SavedFields) {
  const numbers = limit === undefined ? {} : { limit: Number(limit) };
  const { dataset = ALL_DATASETS, query, ...most } = readBySchema(ExportQuery, { ...given, ...numbers });
  return { dataset, limit: Number(most.limit), query: parseQuery(fromJson(query, 'query') ?? {}, saved) };
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
      content: { 'application/x-ndjson': { schema: Type.String() } },
    },
  },
};
