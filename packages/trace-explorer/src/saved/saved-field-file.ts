import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadSavedFields, SavedFields } from '../query/parse/saved-fields.ts';
import { NO_SAVED_FIELDS, noSavedFields } from '../query/parse/saved-fields.ts';
import { FIELD_FILE, fieldsOf, readFieldFile } from './field-list.ts';

/** Reads the calculated fields of a folder, which need not be there; none without a folder. */
export function savedFieldsOf(directory: string | undefined): ReadSavedFields {
  if (directory === undefined) return noSavedFields;
  const file = new SavedFieldFile(directory);
  return () => file.read();
}

/** The calculated fields of a folder as queries use them: read again when their file is another one than before. */
class SavedFieldFile {
  readonly #path: string;
  #known: { readonly version: string; readonly content: SavedFields } | undefined;

  constructor(directory: string) {
    this.#path = join(directory, FIELD_FILE);
  }

  /** A file that cannot be read is a problem of queries that name what may be in it, and of no other. */
  async read(): Promise<SavedFields> {
    const file = await stat(this.#path, { bigint: true }).catch(() => undefined);
    if (file === undefined) return NO_SAVED_FIELDS;
    const version = [file.ino, file.size, file.mtimeNs, file.ctimeNs].join(' ');
    if (this.#known?.version !== version)
      this.#known = { version, content: await read(this.#path, Number(file.mtimeMs)) };
    return this.#known.content;
  }
}

async function read(path: string, changed: number): Promise<SavedFields> {
  try {
    const { fields, problems } = fieldsOf(await readFieldFile(path));
    return {
      fields: new Map(fields.map((field) => [field.alias, field])),
      problems: problems.map((each) => `${FIELD_FILE} ${each}`),
      changed,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { fields: new Map(), problems: [`${FIELD_FILE} ${why}`], changed };
  }
}
