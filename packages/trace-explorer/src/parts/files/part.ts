import type { Part } from '../../core/door/part.ts';

/** Stored traces into files, also as Parquet and redacted, and from files into the store. */
export const part: Part = { name: 'files' };
