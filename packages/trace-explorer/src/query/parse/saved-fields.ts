import type { Expression } from '../compile/expression/parse.ts';

/** A calculated field that is saved for all queries, by the names that Honeycomb's API has for its parts. */
export interface SavedField {
  readonly alias: string;
  readonly expression: string;
  readonly description: string;
}

/** A saved field as queries use it. */
export interface UsableField extends SavedField {
  /** Its place, `calculated-fields.json[0]`. */
  readonly at: string;
  /** Its expression, or why it cannot be used. */
  readonly read: { readonly tree: Expression } | { readonly problem: string };
}

/** The saved fields at one time: columns of every dataset, each by its name. */
export interface SavedFields {
  readonly fields: ReadonlyMap<string, UsableField>;
  /** Why there may be others that are not known: what is wrong with the file. */
  readonly problems: readonly string[];
  /** When the file was changed, milliseconds since the epoch. */
  readonly changed: number;
}

/** Reads them as they are now. */
export type ReadSavedFields = () => Promise<SavedFields>;

/** Where none are saved. */
export const NO_SAVED_FIELDS: SavedFields = { fields: new Map(), problems: [], changed: 0 };
export const noSavedFields: ReadSavedFields = async () => NO_SAVED_FIELDS;
