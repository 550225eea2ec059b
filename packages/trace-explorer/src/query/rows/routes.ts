import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { clientGone } from '../../http/client-gone.ts';
import type { SpanStore } from '../../store/store.ts';
import { readExactJson } from '../api/bodies.ts';
import { findDataset } from '../api/catalogue.ts';
import { queryRules } from '../parse/parse-query.ts';
import { ALL_DATASETS, QuerySpecInput } from '../parse/query-spec.ts';
import { readBySchema } from '../parse/read-by-schema.ts';
import type { ReadSavedFields, SavedFields } from '../parse/saved-fields.ts';
import { noSavedFields } from '../parse/saved-fields.ts';
import type { RowsRequest } from './newest-rows.ts';
import { NewestRow, newestRows } from './newest-rows.ts';

const MAX_ROWS = 500;
const DEFAULT_ROWS = 100;
/** Most columns of a table. */
const MAX_COLUMNS = 50;

/** `POST /api/rows`: the newest rows that match a query, with chosen columns. */
export async function rowRoutes(
  app: FastifyInstance,
  { store, readSaved = noSavedFields }: { store: SpanStore; readSaved?: ReadSavedFields },
): Promise<void> {
  readExactJson(app);
  app.post(
    '/api/rows',
    { schema: documentation, validatorCompiler: () => () => true, bodyLimit: 256 * 1024 },
    async function readNewestRows({ body }, reply) {
      const request = parseRows(body, await readSaved());
      const dataset = await findDataset(store, request.dataset);
      return { rows: await newestRows(store, { ...request, dataset }, { signal: clientGone(reply) }) };
    },
  );
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

/** @throws QueryError that lists every problem */
function parseRows(input: unknown, saved: SavedFields): RowsRequest {
  const { query, ...request } = readBySchema(RowsBody, input, queryRules) as RowsRequest;
  return { ...request, query: { ...query, saved } };
}

const documentation = {
  tags: ['query'],
  summary: 'The newest rows that match a query, with chosen columns',
  description:
    'Times, filters and calculated fields of the query say which rows; what it calculates and groups by does not count here.',
  body: RowsBody,
  response: {
    200: Type.Object({ rows: Type.Array(NewestRow) }),
  },
};
