import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { documented } from '../../../http/documented.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { strictObject } from '../../../lib/strict-object.ts';
import type { SpanStore } from '../../store/store.ts';
import { takeQueries } from '../api/bodies.ts';
import { findDataset } from '../api/catalogue.ts';
import { ALL_DATASETS } from '../parse/all-datasets.ts';
import { queryRules } from '../parse/parse-query.ts';
import { QuerySpecInput } from '../parse/query-spec.ts';
import { readBySchema } from '../parse/read-by-schema.ts';
import type { ReadSavedFields } from '../parse/saved-fields.ts';
import type { RowsRequest } from './newest-rows.ts';
import { newestRows } from './newest-rows.ts';
import { NewestRow } from './schemas.ts';

const MAX_ROWS = 500;
const DEFAULT_ROWS = 100;
/** Most columns of a table. */
const MAX_COLUMNS = 50;

/** `POST /api/rows`: the newest rows that match a query, with chosen columns. */
export async function rowRoutes(
  app: FastifyInstance,
  { store, readSaved }: { store: SpanStore; readSaved: ReadSavedFields },
): Promise<void> {
  takeQueries(app);
  app.post(
    '/api/rows',
    documented(
      'query',
      'The newest rows that match a query, with chosen columns',
      Type.Object({ rows: Type.Array(NewestRow) }),
      {
        description:
          'The query’s times, filters and calculated fields choose the rows; its calculations and groups do not count.',
        body: RowsBody,
      },
    ),
    async function readNewestRows({ body }, reply) {
      const request = readBySchema(RowsBody, body, queryRules) as RowsRequest;
      const dataset = await findDataset(store, request.dataset);
      const saved = await readSaved();
      return { rows: await newestRows(store, { ...request, dataset, saved }, whileAwaited(reply)) };
    },
  );
}

const RowsBody = strictObject({
  dataset: Type.Optional(Type.String({ default: ALL_DATASETS })),
  query: Type.Optional(QuerySpecInput),
  columns: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      maxItems: MAX_COLUMNS,
      description:
        'Fields, calculated fields (of the query, or saved), and fields of a row’s root or parent (`root.`, `parent.`).',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ROWS, default: DEFAULT_ROWS })),
});
