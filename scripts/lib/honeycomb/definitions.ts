import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A value of Honeycomb's API, as its JSON has it. */
export type Resource = Readonly<Record<string, unknown>>;

/** A query with name and description of its annotation. */
export interface NamedQuery {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  /** Honeycomb's query specification. */
  readonly query: Resource;
}

/** The content of `honeycomb/`, as bodies of Honeycomb's API. */
export interface Definitions {
  readonly calculatedFields: readonly (Resource & { readonly alias: string })[];
  readonly queries: readonly NamedQuery[];
  /** A flexible board, in whose panels `query_id` and `query_annotation_id` are a query's slug. */
  readonly board: Resource & { readonly name: string; readonly panels: readonly Panel[] };
  /** Each with its query inside. */
  readonly triggers: readonly (Resource & { readonly name: string; readonly query: Resource })[];
  readonly marker: Resource & { readonly type: string; readonly message: string };
}

export interface Panel {
  readonly type: 'query' | 'text' | 'slo';
  readonly query_panel?: Resource & { readonly query_id: string; readonly query_annotation_id: string };
}

/**
 * Reads the folder. Honeycomb checks the bodies.
 * @throws Error naming a file that cannot be read, or a query without a name
 */
export function readDefinitions(folder: string): Definitions {
  const read = <T>(path: string): T => JSON.parse(readFileSync(join(folder, path), 'utf8'));
  const all = (pattern: string) => globSync(pattern, { cwd: folder }).toSorted();
  const { query_annotations: annotations, ...board } = read<
    Definitions['board'] & {
      readonly query_annotations: Readonly<Record<string, Pick<NamedQuery, 'name' | 'description'>>>;
    }
  >('board.json');
  const queries = all('queries/*.json').map((path) => {
    const slug = basename(path, '.json');
    const annotation = annotations[slug];
    if (annotation === undefined)
      throw new Error(`board.json has no query_annotations for ${path}: name and description.`);
    return { slug, ...annotation, query: read<Resource>(path) };
  });
  return {
    calculatedFields: read('calculated-fields.json'),
    queries,
    board,
    triggers: all('triggers/*.json').map((path) => read(path)),
    marker: read('deploy-marker.json'),
  };
}
