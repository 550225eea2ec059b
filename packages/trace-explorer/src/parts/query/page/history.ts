import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { jsonOrNothing } from '../../../lib/text/parse-json.ts';
import { keepText, keptText } from '../../../page/browser/kept.ts';

export interface PastQuery {
  readonly dataset: string;
  readonly query: QuerySpecInput;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const MOST = 30;

/** The last queries of this browser, newest first. */
export function readHistory(): readonly PastQuery[] {
  const list = jsonOrNothing(keptText('history') ?? '');
  return Array.isArray(list) ? list.filter(isPastQuery) : [];
}

/** Puts a query first. A query that is in the list moves up. */
export function remember(past: PastQuery): void {
  const same = JSON.stringify([past.dataset, past.query]);
  const others = readHistory().filter(({ dataset, query }) => JSON.stringify([dataset, query]) !== same);
  keepText('history', JSON.stringify([past, ...others].slice(0, MOST)));
}

function isPastQuery(value: unknown): value is PastQuery {
  if (typeof value !== 'object' || value === null) return false;
  const { dataset, query, at } = value as Partial<PastQuery>;
  return typeof dataset === 'string' && typeof query === 'object' && query !== null && typeof at === 'number';
}
