import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import type { QueryPlace } from '../query-place.ts';
import type { FieldInfo } from './clauses/fields.ts';

export interface Question {
  readonly dataset: string;
  readonly query: QuerySpecInput;
  readonly fields: readonly FieldInfo[];
}

/** The query being written, with its actions. */
export interface QueryDraft extends Question {
  change(query: QuerySpecInput, dataset?: string): void;
  /** Runs the query, or another one. */
  ask(query?: QuerySpecInput, dataset?: string): void;
}

/** An answered query, with the selection in its result. */
export interface ShownQuery extends Pick<QueryDraft, 'fields'> {
  readonly place: QueryPlace;
  ask(query: QuerySpecInput): void;
  /** Changes the display of the same result. */
  show(changes: Partial<QueryPlace>): void;
}
