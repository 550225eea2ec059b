import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadSavedFields, SavedFields } from '../parse/saved-fields.ts';
import { NO_SAVED_FIELDS } from '../parse/saved-fields.ts';
import { FIELD_FILE, fieldsOfList, readFieldFile } from './field-list.ts';

/** Reads the calculated fields of a folder for queries. There are none when the folder is missing or undefined. */
export function savedFieldsOf(directory: string | undefined): ReadSavedFields {
  return async () => (directory === undefined ? NO_SAVED_FIELDS : read(join(directory, FIELD_FILE)));
}

/** A file that cannot be read is a problem only for queries that name a field which the file may have. */
async function read(path: string): Promise<SavedFields> {
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) return NO_SAVED_FIELDS;
  const changed = file.mtimeMs;
  try {
    const { fields, problems } = fieldsOfList(await readFieldFile(path));
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
