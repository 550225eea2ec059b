import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../../http/client-gone.ts';
import type { SpanStore } from '../../store/types.ts';
import { exportTrace } from '../../traces/forms/export-trace.ts';
import { asProblem, documentBody, fromJson, readExactJson } from '../api/bodies.ts';
import { findDataset } from '../api/catalogue.ts';
import { parseQuery } from '../parse/parse-query.ts';
import { Problems } from '../parse/problems.ts';
import { QueryError } from '../parse/query-error.ts';
import { QuerySpecInput } from '../parse/query-spec.ts';
import { readBySchema } from '../parse/read-by-schema.ts';
import type { ReadSavedFields, SavedFields } from '../parse/saved-fields.ts';
import { noSavedFields } from '../parse/saved-fields.ts';
import { ALL_DATASETS } from '../run/run-query.ts';
import type { RowsRequest } from './newest-rows.ts';
import { NewestRow, newestRows, newestTraces } from './newest-rows.ts';

const MAX_ROWS = 500;
const DEFAULT_ROWS = 100;
/** What a table can show side by side. */
const MAX_COLUMNS = 50;

/** Traces of one export. */
const MAX_TRACES = 1000;
const DEFAULT_TRACES = 200;

/** `POST /api/rows`: the newest rows that match a query, with chosen columns. `GET /api/export`: their traces. */
export async function rowRoutes(
  app: FastifyInstance,
  { store, readSaved = noSavedFields }: { store: SpanStore; readSaved?: ReadSavedFields },
): Promise<void> {
  readExactJson(app);
  app.post(
    '/api/rows',
    { schema: documentation, validatorCompiler: () => () => true, bodyLimit: 256 * 1024 },
    async function readNewestRows({ body }, reply) {
      try {
        const request = parseRows(body, await readSaved());
        const dataset = await findDataset(store, request.dataset);
        return { rows: await newestRows(store, { ...request, dataset }, { signal: clientGone(reply) }) };
      } catch (error) {
        throw error instanceof QueryError ? asProblem(error, 'body') : error;
      }
    },
  );
  app.get<{ Querystring: Record<string, string> }>(
    '/api/export',
    { schema: exportDocumentation, validatorCompiler: () => () => true },
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

/** Each trace on a line; one that was evicted meanwhile is left out. */
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

const RowsBody = Type.Object(
  {
    dataset: Type.Optional(Type.String({ default: ALL_DATASETS })),
    query: Type.Optional(QuerySpecInput),
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        maxItems: MAX_COLUMNS,
        description:
          'Fields, calculated fields (of the query, or saved), and those of a row’s `root.` or `parent.`.',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ROWS, default: DEFAULT_ROWS })),
  },
  { additionalProperties: false },
);

/** @throws QueryError that names everything that is wrong */
function parseRows(input: unknown, saved: SavedFields): RowsRequest {
  const problems = new Problems();
  const { query, ...given } =
    problems.object(input, '', Object.keys(RowsBody.properties)) ?? ({} as Record<string, unknown>);
  const { query: _, ...own } = RowsBody.properties;
  const read = readBySchema(Type.Object(own), given, '', problems) as Partial<RowsRequest>;
  problems.check();
  const { dataset = ALL_DATASETS, columns = [], limit = DEFAULT_ROWS } = read;
  return { dataset, columns, limit, query: parseQuery(query ?? {}, saved) };
}

/** @throws QueryError, or a problem for a query that is no JSON */
function parseExport(
  { query, limit = String(DEFAULT_TRACES), dataset = ALL_DATASETS }: Record<string, string>,
  saved: SavedFields,
) {
  const problems = new Problems();
  const most = problems.integer(Number(limit), 'limit', 1, MAX_TRACES) ?? DEFAULT_TRACES;
  // One that is given twice is a list.
  problems.string(dataset, 'dataset');
  problems.check();
  return { dataset, limit: most, query: parseQuery(fromJson(query, 'query') ?? {}, saved) };
}

const exportDocumentation = {
  tags: ['traces'],
  summary: 'The traces of the newest rows that match a query, each on a line of OTLP JSON',
  description:
    'Whole traces, every span as it was sent; `import` of the command reads them. Times, filters and calculated fields of the query say which rows.',
  querystring: Type.Object({
    dataset: RowsBody.properties.dataset,
    query: Type.Optional(Type.String({ description: 'A query specification as JSON.' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_TRACES, default: DEFAULT_TRACES, description: 'Traces.' }),
    ),
  }),
  response: {
    200: {
      description: 'An ExportTraceServiceRequest per line',
      content: { 'application/x-ndjson': { schema: Type.String() } },
    },
  },
};

const documentation = {
  tags: ['query'],
  summary: 'The newest rows that match a query, with chosen columns',
  description:
    'Times, filters and calculated fields of the query say which rows; what it calculates and groups by does not count here.',
  body: documentBody(RowsBody),
  response: {
    200: Type.Object({ rows: Type.Array(NewestRow) }),
  },
};
