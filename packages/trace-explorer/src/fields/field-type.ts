/** The types that a field can have; one type per field, see the store's widening. */
export type FieldType = 'string' | 'integer' | 'float' | 'boolean';

/** A value of a field; an integer beyond what a double holds is a bigint. */
export type FieldValue = string | number | bigint | boolean;
