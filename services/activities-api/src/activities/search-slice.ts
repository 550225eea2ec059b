import type { Position } from './cursor.ts';
import type { PageRequest } from './prepare-page.ts';
import type { Thread } from './threads.ts';

/** A range of time that has been searched. */
export interface Slice {
  /** The newest hits of it, at most as many as the page has room for. */
  readonly threads: Thread[];
  /** What is older than this has not been searched; undefined when nothing is. */
  readonly end: Position | undefined;
  /** How many times as long as the shortest slice it was, about. */
  readonly scale: number;
}

/**
 * Searches by an index of trigrams, which must serve the term, the activities that come next before the page's position:
 * a slice of time as short as the index has them, or about `scale` times as long.
 *
 * @param oldest when the oldest activity was made
 */
export type FindSlice = (
  page: PageRequest & { readonly before: Position },
  term: string,
  scale: number,
  oldest: string,
) => Promise<Slice>;

/** No activity is older at the same time. */
const LEAST_UUID = '00000000-0000-0000-0000-000000000000';

/** The position after all that was made at a time or since. */
export function startOf(createdAt: string): Position {
  return { createdAt, uuid: LEAST_UUID };
}

/** The newest time at which something before a position can have been made. */
export function timeBefore({ createdAt, uuid }: Position): string {
  return uuid === LEAST_UUID ? new Date(Date.parse(createdAt) - 1).toISOString() : createdAt;
}
