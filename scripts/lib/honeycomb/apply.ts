import type { HoneycombClient } from './client.ts';
import type { Definitions, NamedQuery, Panel, Resource } from './definitions.ts';
import { contains, isSameQuery } from './same.ts';

/** Honeycomb's name for all datasets of an environment, in its paths. */
const ALL = '__all__';
/** Stands for the id that Honeycomb gives, in a dry run. */
const NO_ID = '(new)';

/** One thing of Honeycomb's, and what is done with it. */
export interface Step {
  readonly kind: 'calculated field' | 'query' | 'board' | 'trigger' | 'marker';
  readonly name: string;
  readonly action: 'create' | 'update' | 'keep';
}

export interface ApplyOptions {
  /** False: only reads, and says what would be done. */
  readonly write: boolean;
  readonly onStep: (step: Step) => void;
}

/**
 * Makes an environment of Honeycomb what the definitions say, and changes nothing that is so already. What is there
 * is found by its name: a calculated field by its alias, a query by its annotation, a board and a trigger by name and
 * tags, a marker by type and message. Nothing is deleted but the annotation of a query that was replaced on our board.
 * @returns the board's address, when it has one
 * @throws Error of the first request that Honeycomb refuses; what was done before it stays, and the next run goes on
 */
export async function applyDefinitions(
  client: HoneycombClient,
  definitions: Definitions,
  options: ApplyOptions,
): Promise<string | undefined> {
  const run = new Run(client, options);
  for (const field of definitions.calculatedFields) await run.calculatedField(field);
  const board = await run.findBoard(definitions.board);
  const ids = await run.queries(definitions.queries, board);
  const address = await run.board(definitions.board, board, ids);
  for (const trigger of definitions.triggers) await run.trigger(trigger);
  await run.marker(definitions.marker);
  return address;
}

interface Annotation extends Resource {
  readonly id: string;
  readonly name: string;
  readonly query_id: string;
}

/** The ids of a query and of its annotation. */
interface QueryIds {
  readonly query: string;
  readonly annotation: string;
}

type Found<T> = T & { readonly id: string };

class Run {
  readonly #client: HoneycombClient;
  readonly #options: ApplyOptions;
  /** Annotations that stood on our board for a query that is another one now. */
  readonly #replaced: string[] = [];

  constructor(client: HoneycombClient, options: ApplyOptions) {
    this.#client = client;
    this.#options = options;
  }

  async calculatedField(field: Definitions['calculatedFields'][number]): Promise<void> {
    const path = `/derived_columns/${ALL}`;
    const all = await this.#client.send<Found<Resource>[]>('GET', path);
    await this.#set(
      'calculated field',
      field.alias,
      path,
      field,
      all.find(({ alias }) => alias === field.alias),
    );
  }

  /** Our board with its panels, if Honeycomb has it. */
  async findBoard({ name, tags }: Definitions['board']): Promise<Found<Definitions['board']> | undefined> {
    const boards = await this.#client.send<Found<Resource>[]>('GET', '/boards');
    const found = boards.find((board) => board.name === name && contains(board.tags, tags));
    return found && this.#client.send('GET', `/boards/${found.id}`);
  }

  async queries(
    queries: readonly NamedQuery[],
    board: Definitions['board'] | undefined,
  ): Promise<ReadonlyMap<string, QueryIds>> {
    const annotations = await this.#client.send<Annotation[]>(
      'GET',
      `/query_annotations/${ALL}?include_board_annotations=true`,
    );
    const onBoard = new Set(board?.panels.map((panel) => panel.query_panel?.query_annotation_id));
    const ids = new Map<string, QueryIds>();
    for (const query of queries) {
      const namesakes = annotations.filter(({ name }) => name === query.name);
      // What our board shows counts most: somebody else may have a query of that name.
      namesakes.sort((a, b) => Number(onBoard.has(b.id)) - Number(onBoard.has(a.id)));
      ids.set(query.slug, await this.#query(query, namesakes, onBoard));
    }
    return ids;
  }

  async board(
    { panels, ...board }: Definitions['board'],
    found: Found<Definitions['board']> | undefined,
    ids: ReadonlyMap<string, QueryIds>,
  ): Promise<string | undefined> {
    const wanted = { ...board, panels: panels.map((panel) => withIds(panel, ids)) };
    const answer = await this.#set('board', board.name, '/boards', wanted, found);
    for (const id of this.#replaced) await this.#client.send('DELETE', `/query_annotations/${ALL}/${id}`);
    return (answer?.links as { readonly board_url?: string } | undefined)?.board_url;
  }

  async trigger(trigger: Definitions['triggers'][number]): Promise<void> {
    const path = `/triggers/${ALL}`;
    const all = await this.#client.send<Found<Resource>[]>('GET', path);
    const found = all.find(({ name, tags }) => name === trigger.name && contains(tags, trigger.tags));
    const { query, ...rest } = trigger;
    const isSame =
      found !== undefined && contains(found, rest) && isSameQuery(await this.#queryOf(found), query);
    // Whom it tells is set in Honeycomb, and an update without it would forget them.
    const recipients = (found?.recipients as readonly Resource[] | undefined)?.map(({ id, details }) =>
      details === undefined ? { id } : { id, details },
    );
    const wanted = recipients === undefined ? trigger : { recipients, ...trigger };
    await this.#set('trigger', trigger.name, path, wanted, found, isSame);
  }

  async marker(marker: Definitions['marker']): Promise<void> {
    const path = `/markers/${ALL}`;
    const all = await this.#client.send<Found<Resource>[]>('GET', path);
    await this.#set(
      'marker',
      `${marker.type}: ${marker.message}`,
      path,
      marker,
      all.find((each) => contains(each, marker)),
    );
  }

  async #query(
    { name, description, query }: NamedQuery,
    namesakes: readonly Annotation[],
    onBoard: ReadonlySet<string | undefined>,
  ): Promise<QueryIds> {
    const path = `/query_annotations/${ALL}`;
    for (const { id, query_id, ...annotation } of namesakes) {
      if (!isSameQuery(await this.#queryOf({ query_id }), query)) {
        if (onBoard.has(id)) this.#replaced.push(id);
        continue;
      }
      const wanted = { name, description, query_id };
      await this.#set('query', name, path, wanted, { id, query_id, ...annotation });
      return { query: query_id, annotation: id };
    }
    // A query never changes in Honeycomb, nor does the query that an annotation is about.
    const isNew = this.#replaced.every((id) => namesakes.every((each) => each.id !== id));
    this.#options.onStep({ kind: 'query', name, action: isNew ? 'create' : 'update' });
    if (!this.#options.write) return { query: NO_ID, annotation: NO_ID };
    const { id: query_id } = await this.#client.send<Found<Resource>>('POST', `/queries/${ALL}`, query);
    const { id } = await this.#client.send<Found<Resource>>('POST', path, { name, description, query_id });
    return { query: query_id, annotation: id };
  }

  /** The query of a trigger or an annotation: inside, or under its id. */
  #queryOf({ query, query_id }: Resource): Promise<Resource> {
    if (query !== undefined && query !== null) return Promise.resolve(query as Resource);
    return this.#client.send('GET', `/queries/${ALL}/${query_id}`);
  }

  /** Creates what is missing and updates what differs. @returns what Honeycomb has, as far as it is known */
  async #set(
    kind: Step['kind'],
    name: string,
    path: string,
    wanted: Resource,
    found: Found<Resource> | undefined,
    isSame = contains(found, wanted),
  ): Promise<Resource | undefined> {
    const action = found === undefined ? 'create' : isSame ? 'keep' : 'update';
    this.#options.onStep({ kind, name, action });
    if (action === 'keep' || !this.#options.write) return found;
    return found === undefined
      ? this.#client.send('POST', path, wanted)
      : this.#client.send('PUT', `${path}/${found.id}`, wanted);
  }
}

function withIds(panel: Panel, ids: ReadonlyMap<string, QueryIds>): Panel {
  if (panel.query_panel === undefined) return panel;
  const { query, annotation } = ids.get(panel.query_panel.query_id) ?? { query: NO_ID, annotation: NO_ID };
  return {
    ...panel,
    query_panel: { ...panel.query_panel, query_id: query, query_annotation_id: annotation },
  };
}
