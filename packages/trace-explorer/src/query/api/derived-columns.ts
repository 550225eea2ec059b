import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { SpanStore } from '../../store/types.ts';
import { QueryError } from '../parse/query-error.ts';
import type { ReadSavedFields } from '../parse/saved-fields.ts';
import { shortHash } from '../run/query-id.ts';
import { findDataset } from './datasets.ts';
import { documented } from './documented.ts';
import * as schemas from './schemas.ts';

export interface DerivedColumnOptions {
  readonly store: Pick<SpanStore, 'datasets' | 'fields' | 'datasetFields'>;
  readonly readSaved: ReadSavedFields;
}

/** Honeycomb's `GET /1/derived_columns`: saved calculated fields, which are those of every dataset. */
export async function derivedColumnRoutes(
  app: FastifyInstance,
  { store, readSaved }: DerivedColumnOptions,
): Promise<void> {
  /** @throws QueryError (409) where the file cannot be read, (404) where there is no such dataset */
  const list = async (dataset: string) => {
    await findDataset(store, dataset);
    const { fields, problems, changed } = await readSaved();
    if (fields.size === 0 && problems.length > 0) throw new QueryError('conflict', problems.join('; '));
    const time = new Date(changed).toISOString();
    return [...fields.values()].map(({ alias, expression, description }) => {
      const id = shortHash(alias);
      return { id, alias, expression, description, created_at: time, updated_at: time };
    });
  };
  type Listed = Awaited<ReturnType<typeof list>>[number];
  const one = async (dataset: string, fits: (column: Listed) => boolean) => {
    const found = (await list(dataset)).find(fits);
    if (found === undefined) throw new QueryError('not-found', 'Calculated field not found');
    return found;
  };

  app.get<{ Params: { dataset: string }; Querystring: { alias?: string } }>(
    '/derived_columns/:dataset',
    documented('Saved calculated fields, or with alias that one', 200, DerivedColumns, {
      querystring: Alias,
    }),
    async ({ params: { dataset }, query: { alias } }) => {
      return alias === undefined ? list(dataset) : one(dataset, (each) => each.alias === alias);
    },
  );

  app.get<{ Params: { dataset: string; id: string } }>(
    '/derived_columns/:dataset/:id',
    documented('One saved calculated field', 200, schemas.DerivedColumn),
    async ({ params: { dataset, id } }) => one(dataset, (each) => each.id === id),
  );
}

const Alias = Type.Object({ alias: Type.Optional(Type.String()) });
const DerivedColumns = Type.Union([Type.Array(schemas.DerivedColumn), schemas.DerivedColumn]);
