import type { QueryPlace } from '../../../places/query-place.ts';
import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import type { FieldInfo } from './clauses/fields.ts';

/** A query that is being written, with its actions. */
export interface QueryDraft {
  readonly dataset: string;
  readonly query: QuerySpecInput;
  /** Fields that the query can name. */
  readonly fields: readonly FieldInfo[];
  /** Changes it without running it. */
  change(query: QuerySpecInput, dataset?: string): void;
  /** Runs it, or another one. */
  ask(query?: QuerySpecInput, dataset?: string): void;
}

/** A query that was run, with the selection in its result. */
export interface ShownQuery extends Pick<QueryDraft, 'fields'> {
  readonly place: QueryPlace;
  /** Goes on with another query. */
  ask(query: QuerySpecInput): void;
  /** Changes how the result of the same query is shown. */
  show(changes: Partial<QueryPlace>): void;
}
