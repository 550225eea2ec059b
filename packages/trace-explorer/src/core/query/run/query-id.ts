import { createHash } from 'node:crypto';
import type { QuerySpec } from '../parse/query-spec.ts';

/** The id of a specification. Equal specifications have equal ids, so the store has each query once. */
export function queryId(dataset: string, spec: QuerySpec): string {
  return shortHash(JSON.stringify([dataset, spec]));
}

/** Eleven letters and digits, like Honeycomb's ids. */
export function shortHash(text: string): string {
  const hash = createHash('sha256').update(text).digest('base64').replace(/[+/=]/gu, '');
  return hash.slice(0, 11);
}
