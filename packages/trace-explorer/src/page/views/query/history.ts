import type { QuerySpecInput } from '../../client/query-input.ts';

export interface PastQuery {
  readonly dataset: string;
  readonly query: QuerySpecInput;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const storageKey = 'explorer.history';
const MOST = 30;

/** The last queries that were run in this browser, newest first. */
export function readHistory(): readonly PastQuery[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(list) ? list.filter(isPastQuery) : [];
  } catch {
    return [];
  }
}

/** Puts a query first; one that was there already moves up. */
export function remember(past: PastQuery): void {
  const same = JSON.stringify([past.dataset, past.query]);
  const others = readHistory().filter(({ dataset, query }) => JSON.stringify([dataset, query]) !== same);
  try {
    localStorage.setItem(storageKey, JSON.stringify([past, ...others].slice(0, MOST)));
  } catch {
    // A full or forbidden storage costs the history, nothing else.
  }
}

function isPastQuery(value: unknown): value is PastQuery {
  if (typeof value !== 'object' || value === null) return false;
  const { dataset, query, at } = value as Partial<PastQuery>;
  return typeof dataset === 'string' && typeof query === 'object' && query !== null && typeof at === 'number';
}
