import { foldForSearch } from './like.ts';

/**
 * The query for FTS5's `match` that finds texts with all trigrams of `term`, which its index must serve. Some of them
 * do not have the term itself, so that the texts have to be looked at as well.
 *
 * @example
 * ftsQuery('Trace'); // '"tra" AND "rac" AND "ace"'
 */
export function ftsQuery(term: string): string {
  const characters = [...foldForSearch(term)];
  const trigrams = new Set(
    characters.slice(2).map((_, index) => characters.slice(index, index + 3).join('')),
  );
  return [...trigrams].map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ');
}
