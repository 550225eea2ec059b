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
 * Reads the folder and checks that the files fit together. Honeycomb checks the bodies.
 * @throws Error naming the file and what it lacks
 */
export function readDefinitions(folder: string): Definitions {
  const read = <T>(path: string) => parse(join(folder, path)) as T;
  const { query_annotations: annotations, ...board } = read<
    Definitions['board'] & {
      readonly query_annotations: Readonly<Record<string, Pick<NamedQuery, 'name' | 'description'>>>;
    }
  >('board.json');

  const queries = globSync('queries/*.json', { cwd: folder })
    .toSorted()
    .map((path) => {
      const slug = basename(path, '.json');
      const annotation = annotations[slug];
      if (annotation === undefined)
        throw new Error(
          `${join(folder, 'board.json')} has no query_annotations for ${path}: name and description.`,
        );
      return { slug, ...annotation, query: read<Resource>(path) };
    });
  const slugs = new Set(queries.map(({ slug }) => slug));
  for (const slug of [...Object.keys(annotations), ...board.panels.flatMap(slugsOf)])
    if (!slugs.has(slug))
      throw new Error(
        `${join(folder, 'board.json')} names the query ${slug}, but there is no queries/${slug}.json.`,
      );

  return {
    calculatedFields: read('calculated-fields.json'),
    queries,
    board,
    triggers: globSync('triggers/*.json', { cwd: folder })
      .toSorted()
      .map((path) => read(path)),
    marker: read('deploy-marker.json'),
  };
}

function slugsOf({ query_panel: panel }: Panel): string[] {
  return panel === undefined ? [] : [panel.query_id, panel.query_annotation_id];
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}
