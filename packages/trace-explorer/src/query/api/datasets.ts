import { slugOf } from '../../shared/slug.ts';
import { storedName } from '../../store/dataset-name.ts';
import type { SpanStore } from '../../store/types.ts';
import { QueryError } from '../parse/query-error.ts';
import { shortHash } from '../run/query-id.ts';
import { ALL_DATASETS } from '../run/run-query.ts';

type DatasetSource = Pick<SpanStore, 'datasets' | 'fields' | 'datasetFields'>;

/** The dataset that a path names, by its name (a long one as sent, or as it is stored) or its slug. @throws QueryError (404) when there is none */
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
export async function listDatasets(store: DatasetSource): Promise<Record<string, unknown>[]> {
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

/**
 * One column of a dataset, in the same form.
 * @throws QueryError (404) when there is none
 */
export function findColumn(
  store: DatasetSource,
  dataset: string,
  matches: (column: Record<string, unknown>) => boolean,
): Record<string, unknown> {
  const column = listColumns(store, dataset).find(matches);
  if (column === undefined) throw new QueryError('not-found', 'Column not found');
  return column;
}

/** The columns of a dataset, in the form of Honeycomb's `GET /1/columns/:dataset`, by name. */
export function listColumns(store: DatasetSource, dataset: string): Record<string, unknown>[] {
  const written = dataset === ALL_DATASETS ? undefined : store.datasetFields(dataset);
  const fields = [...store.fields().values()].filter((field) => written?.has(field.name) !== false);
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

/** How many columns `listColumns` has, without making them. */
function countColumns(store: DatasetSource, dataset: string): number {
  const fields = store.fields();
  const written = store.datasetFields(dataset);
  if (written === undefined) return fields.size;
  return [...written.keys()].filter((name) => fields.has(name)).length;
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
