import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { clientGone } from '../../http/client-gone.ts';
import { contentOf, documented } from '../../http/documented.ts';
import { whileAwaited } from '../../http/while-awaited.ts';
import { strictObject } from '../../lib/strict-object.ts';
import { traceIdField } from '../../lib/trace-id.ts';
import { problems } from '../errors.ts';
import { fromJson } from '../query/api/bodies.ts';
import { findDataset } from '../query/api/catalogue.ts';
import { newestTraces } from '../query/newest/newest-rows.ts';
import { ALL_DATASETS } from '../query/parse/all-datasets.ts';
import { parseQuery } from '../query/parse/parse-query.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { exportTraces } from '../traces/forms/export-trace.ts';

/** Most ids of one request, which stand in its URL. */
const MAX_IDS = 200;
/** Traces of one search for rows. */
const TOGETHER = 100;

const ExportQuery = strictObject({
  dataset: Type.Optional(Type.String({ default: ALL_DATASETS })),
  query: Type.Optional(Type.String({ description: 'A query specification as JSON.' })),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 200, description: 'Most traces of the answer.' }),
  ),
  trace_id: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      maxItems: MAX_IDS,
      description:
        'These traces instead of the traces of a query. Repeatable. A trace of more than 32 MiB takes several lines.',
    }),
  ),
});

/** `GET /api/export`: exports some traces, or the traces of the newest rows that match a query. */
export const exportRoutes: FastifyPluginAsyncTypebox<{
  store: SpanStore;
  readSaved: ReadSavedFields;
}> = async (app, { store, readSaved }) => {
  app.get(
    '/api/export',
    documented(
      'traces',
      'The traces of the newest rows that match a query, one line of OTLP JSON per trace',
      contentOf<Readable>('application/x-ndjson', 'An ExportTraceServiceRequest per line'),
      {
        description:
          'Whole traces with every span as sent, for the command’s `import`. The query’s times, filters and calculated fields choose the rows.',
        querystring: ExportQuery,
      },
    ),
    async function exportMany({ query: { dataset = ALL_DATASETS, query, limit = 200, trace_id } }, reply) {
      const request = {
        dataset: await findDataset(store, dataset),
        query: parseQuery(fromJson(query, 'query') ?? {}),
        saved: await readSaved(),
        limit,
      };
      const ids = trace_id?.map(traceIdField) ?? (await newestTraces(store, request, whileAwaited(reply)));
      const pieces = linesOf(store, ids, { signal: clientGone(reply) });
      const first = await pieces.next();
      const [id] = ids;
      if (first.done && trace_id)
        throw problems.TRACE_NOT_FOUND({ detail: `No span or log record of ${ids.join(', ')} is stored.` });
      const file = trace_id && ids.length === 1 ? `trace-${id}.json` : 'traces.jsonl';
      reply.type('application/x-ndjson').header('content-disposition', `attachment; filename="${file}"`);
      return reply.send(Readable.from(followedBy(first.value ?? '', pieces)));
    },
  );
};

async function* followedBy(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

async function* linesOf(
  store: SpanStore,
  ids: readonly string[],
  options: ReadOptions,
): AsyncGenerator<string> {
  for (let from = 0; from < ids.length; from += TOGETHER)
    yield* exportTraces(store, ids.slice(from, from + TOGETHER), options);
}
