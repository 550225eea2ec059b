import { isDeepStrictEqual } from 'node:util';
import type { HoneycombClient } from './client.ts';
import type { Definitions, NamedQuery, Panel, Resource } from './definitions.ts';

/** Honeycomb's name for all datasets of an environment, in its paths. */
const ALL = '__all__';
/** Replaces Honeycomb's ids in a dry run. */
const NO_ID = '(new)';

/** A thing in Honeycomb, and whether it is new or was there. */
export interface Step {
  readonly kind: 'calculated field' | 'query' | 'board' | 'trigger' | 'marker';
  readonly name: string;
  readonly action: 'create' | 'keep';
}

export interface ApplyOptions {
  /** False: a dry run that only reads. */
  readonly write: boolean;
  readonly onStep: (step: Step) => void;
}

/** The ids of a query and of its annotation. */
interface QueryIds {
  readonly query: string;
  readonly annotation: string;
}

/**
 * Makes the missing definitions in an environment of Honeycomb, and changes nothing that is there. Existing things are found
 * by name: a calculated field by its alias, a query by name and description of its annotation, a board and a trigger by
 * name and tags, a marker by type and message.
 * @returns the board's address, when it has one
 * @throws Error of the first request that Honeycomb refuses. Earlier changes stay, and the next run continues
 */
export async function applyDefinitions(
  client: HoneycombClient,
  { calculatedFields, queries, board, triggers, marker }: Definitions,
  { write, onStep }: ApplyOptions,
): Promise<string | undefined> {
  const make = async (
    kind: Step['kind'],
    name: string,
    path: string,
    wanted: Resource,
    identity: readonly string[],
  ) => {
    const all = await client.send<Resource[]>('GET', path);
    const found = all.find((each) => identity.every((key) => isDeepStrictEqual(each[key], wanted[key])));
    onStep({ kind, name, action: found === undefined ? 'create' : 'keep' });
    return found ?? (write ? client.send('POST', path, wanted) : undefined);
  };

  for (const field of calculatedFields)
    await make('calculated field', field.alias, `/derived_columns/${ALL}`, field, ['alias']);
  const ids = await makeQueries(client, queries, { write, onStep });
  const panels = board.panels.map((panel) => withIds(panel, ids));
  const made = await make('board', board.name, '/boards', { ...board, panels }, ['name', 'tags']);
  for (const trigger of triggers)
    await make('trigger', trigger.name, `/triggers/${ALL}`, trigger, ['name', 'tags']);
  await make('marker', `${marker.type}: ${marker.message}`, `/markers/${ALL}`, marker, ['type', 'message']);
  return (made?.links as { readonly board_url?: string } | undefined)?.board_url;
}

async function makeQueries(
  client: HoneycombClient,
  queries: readonly NamedQuery[],
  { write, onStep }: ApplyOptions,
): Promise<ReadonlyMap<string, QueryIds>> {
  const annotations = await client.send<Resource[]>(
    'GET',
    `/query_annotations/${ALL}?include_board_annotations=true`,
  );
  const ids = new Map<string, QueryIds>();
  for (const { slug, name, description, query } of queries) {
    let found = annotations.find((each) => each.name === name && each.description === description);
    onStep({ kind: 'query', name, action: found === undefined ? 'create' : 'keep' });
    if (found === undefined && write) {
      const { id: query_id } = await client.send('POST', `/queries/${ALL}`, query);
      found = await client.send('POST', `/query_annotations/${ALL}`, { name, description, query_id });
    }
    ids.set(slug, { query: String(found?.query_id ?? NO_ID), annotation: String(found?.id ?? NO_ID) });
  }
  return ids;
}

/** @throws Error when the panel shows a query that has no file */
function withIds(panel: Panel, ids: ReadonlyMap<string, QueryIds>): Panel {
  if (panel.query_panel === undefined) return panel;
  const slug = panel.query_panel.query_id;
  const found = ids.get(slug);
  if (found === undefined)
    throw new Error(`board.json names the query ${slug}, but there is no queries/${slug}.json.`);
  const { query: query_id, annotation: query_annotation_id } = found;
  return { ...panel, query_panel: { ...panel.query_panel, query_id, query_annotation_id } };
}
