import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { slugOf } from '../../../lib/text/words.ts';
import { storedName } from '../../fields/resource.ts';
import type { SpanStore } from '../../store/store.ts';
import { rootField } from '../compile/root-field.ts';
import { ALL_DATASETS } from '../parse/all-datasets.ts';
import { QueryError } from '../parse/query-error.ts';
import type { ReadSavedFields } from '../parse/saved-fields.ts';
import { shortHash } from '../run/query-id.ts';
import { fieldsIn } from '../run/run-query.ts';
import * as schemas from './schemas.ts';
import { queryDocs } from './schemas.ts';

export interface CatalogueOptions {
  readonly store: DatasetSource;
  readonly readSaved: ReadSavedFields;
}

/** Routes for the key, datasets, columns and saved calculated fields, in Honeycomb's forms. */
export async function catalogueRoutes(
  app: FastifyInstance,
  { store, readSaved }: CatalogueOptions,
): Promise<void> {
  app.get('/auth', queryDocs('What an API key may do: here, read', 200, schemas.Auth), async () => AUTH);

  app.get(
    '/datasets',
    queryDocs('Datasets: the services that sent spans', 200, Type.Array(schemas.DatasetAnswer)),
    () => listDatasets(store),
  );

  app.get<{ Params: { dataset: string } }>(
    '/datasets/:dataset',
    queryDocs('One dataset, by its slug or its name', 200, schemas.DatasetAnswer),
    async ({ params }) => {
      const name = await findDataset(store, params.dataset);
      return oneOf(await listDatasets(store), (each) => each.name === name, 'Dataset');
    },
  );

  app.get<{ Params: { dataset: string }; Querystring: { key_name?: string } }>(
    '/columns/:dataset',
    queryDocs('Columns of a dataset, or with key_name that one', 200, ColumnsAnswer, {
      querystring: KeyName,
    }),
    async ({ params, query }) => {
      const dataset = await findDataset(store, params.dataset);
      if (query.key_name === undefined) return listColumns(store, dataset);
      return oneOf(listColumns(store, dataset), (each) => each.key_name === query.key_name, 'Column');
    },
  );

  app.get<{ Params: { dataset: string; id: string } }>(
    '/columns/:dataset/:id',
    queryDocs('One column of a dataset', 200, schemas.ColumnAnswer),
    async ({ params }) => {
      const dataset = await findDataset(store, params.dataset);
      return oneOf(listColumns(store, dataset), (each) => each.id === params.id, 'Column');
    },
  );

  /** @throws QueryError (409) when the file cannot be read, (404) when there is no such dataset */
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

  app.get<{ Params: { dataset: string }; Querystring: { alias?: string } }>(
    '/derived_columns/:dataset',
    queryDocs('Saved calculated fields, or with alias that one', 200, DerivedColumns, {
      querystring: Alias,
    }),
    async ({ params: { dataset }, query: { alias } }) => {
      const all = await list(dataset);
      return alias === undefined ? all : oneOf(all, (each) => each.alias === alias, 'Calculated field');
    },
  );

  app.get<{ Params: { dataset: string; id: string } }>(
    '/derived_columns/:dataset/:id',
    queryDocs('One saved calculated field', 200, schemas.DerivedColumn),
    async ({ params: { dataset, id } }) => {
      return oneOf(await list(dataset), (each) => each.id === id, 'Calculated field');
    },
  );
}

const Alias = Type.Object({ alias: Type.Optional(Type.String()) });
const DerivedColumns = Type.Union([Type.Array(schemas.DerivedColumn), schemas.DerivedColumn]);
const KeyName = Type.Object({ key_name: Type.Optional(Type.String()) });
const ColumnsAnswer = Type.Union([Type.Array(schemas.ColumnAnswer), schemas.ColumnAnswer]);

const ACCESS = [
  'boards',
  'columns',
  'createDatasets',
  'events',
  'markers',
  'privateBoards',
  'queries',
  'recipients',
  'slos',
  'triggers',
];
const AUTH = {
  id: 'local',
  type: 'configuration',
  api_key_access: Object.fromEntries(ACCESS.map((each) => [each, each === 'columns' || each === 'queries'])),
  environment: { name: 'Local', slug: 'local' },
  team: { name: 'Tandem', slug: 'tandem' },
};

type DatasetSource = Pick<SpanStore, 'datasets' | 'fields' | 'datasetFields'>;

/**
 * The dataset with the slug or the name of a path. A long name is found in its sent form and in its stored form.
 * @throws QueryError (404) when there is no such dataset
 */
export async function findDataset(store: DatasetSource, name: string): Promise<string> {
  if (name === ALL_DATASETS) return name;
  const names = (await store.datasets()).map((each) => each.name);
  const stored = storedName(name);
  const found =
    names.find((each) => each === name || each === stored) ??
    names.find((each) => slugOf(each) === slugOf(name));
  if (found === undefined) throw new QueryError('not-found', 'Dataset not found');
  return found;
}

/** The datasets, in the form of Honeycomb's `GET /1/datasets`. */
async function listDatasets(store: DatasetSource): Promise<Record<string, unknown>[]> {
  const datasets = await store.datasets();
  return datasets.map(({ name, lastWritten, created }) => ({
    name,
    slug: slugOf(name),
    description: '',
    settings: { delete_protected: false },
    expand_json_depth: 0,
    regular_columns_count: countColumns(store, name),
    last_written_at: isoTime(lastWritten),
    created_at: isoTime(created),
  }));
}

/** The first matching item. @throws QueryError (404) without a matching item */
function oneOf<T>(list: readonly T[], fits: (item: T) => boolean, what: string): T {
  const found = list.find(fits);
  if (found === undefined) throw new QueryError('not-found', `${what} not found`);
  return found;
}

/** The columns of a dataset, in the form of Honeycomb's `GET /1/columns/:dataset`, by name. */
function listColumns(store: DatasetSource, dataset: string): Record<string, unknown>[] {
  const written = dataset === ALL_DATASETS ? undefined : store.datasetFields(dataset);
  const stored = fieldsIn(store, dataset);
  const root = rootField(stored) ?? [];
  const fields = [...stored.values()].filter((field) => written?.has(field.name) !== false).concat(root);
  fields.sort((a, b) => (a.name < b.name ? -1 : 1));
  return fields.map((field) => ({
    id: shortHash(field.name),
    key_name: field.name,
    alias: '',
    hidden: false,
    description: '',
    type: field.type,
    last_written: isoTime(written?.get(field.name) ?? field.lastWritten),
    created_at: isoTime(field.created),
    updated_at: isoTime(field.lastWritten),
  }));
}

/** The length of `listColumns`, without making the list. */
function countColumns(store: DatasetSource, dataset: string): number {
  const fields = store.fields();
  const written = store.datasetFields(dataset);
  const root = rootField(fields) === undefined ? 0 : 1;
  return (
    root +
    (written === undefined ? fields.size : [...written.keys()].filter((name) => fields.has(name)).length)
  );
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Names of Honeycomb's resources that the explorer lacks, by their path under `/1`. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  '/boards': 'Boards',
  '/recipients': 'Recipients',
  '/markers/:dataset': 'Markers',
  '/marker_settings/:dataset': 'Marker settings',
  '/triggers/:dataset': 'Triggers',
  '/slos/:dataset': 'SLOs',
  '/burn_alerts/:dataset': 'Burn alerts',
  '/query_annotations/:dataset': 'Query annotations',
};

/** Answers empty lists for resources that only Honeycomb has, so that clients do not stop. */
export function elsewhereRoutes(app: FastifyInstance): void {
  for (const [path, name] of Object.entries(ELSEWHERE)) {
    const summary = `${name} are kept in Honeycomb: none`;
    app.get(path, queryDocs(summary, 200, Type.Array(Type.Unknown())), async () => []);
  }
}

/** The error for an unknown route. */
export function noSuchRoute(): QueryError {
  return new QueryError(
    'not-found',
    'There is no such route. Honeycomb (https://api.honeycomb.io/1) has boards, triggers, SLOs, recipients and markers; write calculated fields to calculated-fields.json in the folder of EXPLORER_QUERIES, or save them in the page.',
  );
}
