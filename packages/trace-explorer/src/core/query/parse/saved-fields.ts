import type { Expression } from './expression/parse.ts';

/** A saved calculated field, for all queries. Its parts have the names of Honeycomb's API. */
export interface SavedField {
  readonly alias: string;
  readonly expression: string;
  readonly description: string;
}

/** A saved field in the form that queries use. */
export interface UsableField extends SavedField {
  /** The field's index in the file, `calculated-fields.json[0]`. */
  readonly at: string;
  /** The parsed expression, or the field's fault. */
  readonly read: { readonly tree: Expression } | { readonly problem: string };
}

/** The saved fields at one moment, by name. Every dataset has these columns. */
export interface SavedFields {
  readonly fields: ReadonlyMap<string, UsableField>;
  /** Mistakes in the file. Then the file may have further fields, which are unknown. */
  readonly problems: readonly string[];
  /** The last change of the file, milliseconds since the epoch. */
  readonly changed: number;
}

export type ReadSavedFields = () => Promise<SavedFields>;

export const NO_SAVED_FIELDS: SavedFields = { fields: new Map(), problems: [], changed: 0 };
