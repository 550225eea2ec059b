import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defineProblems } from '@tandem/service-kit/http';
import type { Static } from 'typebox';
import Type from 'typebox';
import { problems } from '../../../../core/errors.ts';
import { removeFile, saveFile } from '../../../../core/files/saved-file.ts';
import { parseQuery } from '../../../../core/query/parse/parse-query.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { SavedField } from '../../../../core/query/parse/saved-fields.ts';
import {
  FIELD_FILE,
  fieldsOfList,
  MAX_SAVED,
  problemsOf,
  readFieldFile,
} from '../../../../core/query/saved-fields/field-list.ts';
import { readJsonFile } from '../../../../lib/node/json-file.ts';
import { node } from '../../part.node.ts';

const own = defineProblems(node.problems);

/** What names the folder. */
const VARIABLE = 'EXPLORER_QUERIES';

/** Names of files that are valid and distinct on every system. */
export const SLUG_PATTERN = '^[a-z0-9][a-z0-9-]{0,79}$';

export const Description = Type.String({ maxLength: 1023 });

/** A query. parse/ checks the specification. */
export const AnyQuery = Type.Unsafe<QuerySpecInput>({ type: 'object', additionalProperties: true });

export const SavedContent = Type.Object({
  queries: Type.Array(
    Type.Object({
      slug: Type.String({ description: 'Name of its file, without `.json`.' }),
      name: Type.String({ description: 'From `board.json`, or else the words of its file’s name.' }),
      description: Description,
      query: AnyQuery,
    }),
  ),
  calculated_fields: Type.Array(
    Type.Object({ alias: Type.String(), expression: Type.String(), description: Description }),
  ),
  triggers: Type.Array(Type.Object({ file: Type.String(), trigger: Type.Unknown() }), {
    description: 'The triggers of `checks/*.json` and `triggers/*.json`, as their files have them.',
  }),
  problems: Type.Array(Type.Object({ file: Type.String(), detail: Type.String() }), {
    description: 'Files with errors.',
  }),
});

type SavedContent = Static<typeof SavedContent>;
type SavedQuery = SavedContent['queries'][number];

/** The part of `board.json` about queries. */
interface Board {
  readonly query_annotations?: Readonly<
    Record<string, { readonly name?: unknown; readonly description?: unknown }>
  >;
}

/**
 * Saved queries and calculated fields as files for version control, in Honeycomb's own JSON: a specification per file of
 * `queries/`, and `calculated-fields.json`. Names and descriptions of queries are read from `board.json`, which people write. Each access reads the files again, so
 * that changes by an editor or by git are seen at once. Changes are made one after the other.
 */
export class QueryFolder {
  readonly #directory: string;
  readonly #boardPath: string;
  readonly #fieldPath: string;
  #last: Promise<unknown> = Promise.resolve();

  /** @param directory may be missing: saving the first query makes it */
  constructor(directory: string) {
    this.#directory = directory;
    this.#boardPath = join(directory, 'board.json');
    this.#fieldPath = join(directory, FIELD_FILE);
  }

  /** All contents by name, and the names of unreadable files. */
  async read(): Promise<SavedContent> {
    const wrong: SavedContent['problems'] = [];
    const reading = async <T>(file: string, read: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await read();
      } catch (error) {
        wrong.push({ file, detail: error instanceof Error ? error.message : String(error) });
        return undefined;
      }
    };
    const board = (await reading('board.json', () => this.#board())) ?? {};
    const queries: SavedQuery[] = [];
    for (const slug of await this.#slugs()) {
      const file = `queries/${slug}.json`;
      const query = await reading(file, async () => {
        const input = await readJsonFile(this.#queryPath(slug));
        parseQuery(input);
        return input as QuerySpecInput;
      });
      if (query === undefined) continue;
      const { name = slug.replaceAll('-', ' '), description = '' } = board.query_annotations?.[slug] ?? {};
      queries.push({ slug, name: String(name), description: String(description), query });
    }
    const list = await reading(FIELD_FILE, async () => fieldsOfList(await readFieldFile(this.#fieldPath)));
    for (const detail of list === undefined ? [] : problemsOf(list)) wrong.push({ file: FIELD_FILE, detail });
    const fields = (list?.fields ?? []).map(({ alias, expression, description }) => {
      return { alias, expression, description };
    });
    const triggers: SavedContent['triggers'] = [];
    for (const folder of ['checks', 'triggers'])
      for (const slug of await this.#slugs(folder)) {
        const file = `${folder}/${slug}.json`;
        const content = await reading(file, () => readJsonFile(join(this.#directory, file)));
        for (const trigger of [content ?? []].flat()) triggers.push({ file, trigger });
      }
    queries.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { queries, calculated_fields: fields, triggers, problems: wrong };
  }

  /**
   * Saves a query under its slug.
   * @param replace whether an existing query may be replaced
   * @throws problems SAVED_EXISTS, TOO_MANY_SAVED, FOLDER_NOT_WRITABLE
   */
  save(slug: string, query: QuerySpecInput, replace: boolean): Promise<void> {
    return this.#oneAtATime(async () => {
      const slugs = await this.#slugs();
      if (!replace && slugs.includes(slug)) throw exists(`A query ${slug}`);
      if (!slugs.includes(slug) && slugs.length >= MAX_SAVED) throw tooMany();
      await saveFile(this.#queryPath(slug), query, VARIABLE);
    });
  }

  /** Removes a query. @throws problems SAVED_NOT_FOUND, FOLDER_NOT_WRITABLE */
  remove(slug: string): Promise<void> {
    return this.#oneAtATime(async () => {
      if (!(await this.#slugs()).includes(slug)) throw missing(`query ${slug}`);
      await removeFile(this.#queryPath(slug), VARIABLE);
    });
  }

  /** Saves a calculated field under its alias. @throws problems as save does, and VALIDATION_FAILED */
  saveField(field: SavedField, replace: boolean): Promise<void> {
    return this.#oneAtATime(async () => {
      const fields = await this.#fieldsToChange();
      const at = fields.findIndex(({ alias }) => alias === field.alias);
      if (!replace && at >= 0) throw exists(`A calculated field ${field.alias}`);
      if (at < 0 && fields.length >= MAX_SAVED) throw tooMany();
      const changed = at < 0 ? [...fields, field] : fields.with(at, { ...fields[at], ...field });
      const [detail] = problemsOf(fieldsOfList(changed));
      if (detail !== undefined)
        throw problems.VALIDATION_FAILED({ errors: [{ in: 'body', field: 'expression', detail }] });
      await saveFile(this.#fieldPath, changed, VARIABLE);
    });
  }

  /** @throws problems as remove does */
  removeField(alias: string): Promise<void> {
    return this.#oneAtATime(async () => {
      const fields = await this.#fieldsToChange();
      const others = fields.filter((each) => each.alias !== alias);
      if (others.length === fields.length) throw missing(`calculated field ${alias}`);
      await saveFile(this.#fieldPath, others, VARIABLE);
    });
  }

  #queryPath(slug: string): string {
    return join(this.#directory, 'queries', `${slug}.json`);
  }

  async #slugs(folder = 'queries'): Promise<string[]> {
    const names = await readdir(join(this.#directory, folder)).catch(() => []);
    return names
      .flatMap((name) => /^(.+)\.json$/u.exec(name)?.[1] ?? [])
      .filter((slug) => new RegExp(SLUG_PATTERN, 'u').test(slug))
      .sort()
      .slice(0, MAX_SAVED);
  }

  async #board(): Promise<Board | undefined> {
    const board = await readJsonFile(this.#boardPath);
    if (board === undefined || isObject(board)) return board as Board | undefined;
    throw new Error('is not a JSON object');
  }

  /** The fields with all their members in the file. @throws problem FILE_UNREADABLE when a member would be lost */
  async #fieldsToChange(): Promise<SavedField[]> {
    try {
      const list = await readFieldFile(this.#fieldPath);
      const [problem] = problemsOf(fieldsOfList(list));
      if (problem !== undefined) throw new Error(problem);
      return list as SavedField[];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw own.FILE_UNREADABLE({
        detail: `${FIELD_FILE} ${why}. Put it right first: else its text would be lost.`,
      });
    }
  }

  #oneAtATime(change: () => Promise<void>): Promise<void> {
    const next = this.#last.then(change);
    this.#last = next.catch(() => {});
    return next;
  }
}

function exists(what: string): Error {
  return own.SAVED_EXISTS({
    detail: `${what} is there already. Ask to replace it, or take another name.`,
  });
}

function missing(what: string): Error {
  return own.SAVED_NOT_FOUND({ detail: `The folder has no ${what}.` });
}

function tooMany(): Error {
  return problems.TOO_MANY_SAVED({
    detail: `The folder has ${MAX_SAVED} files, the most that it may have. Delete one first.`,
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
