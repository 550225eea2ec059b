import type { QuerySpecInput } from '../parse/query-spec.ts';
import queries from './ready-made.json' with { type: 'json' };

export interface ReadyMadeQuery {
  readonly key: string;
  readonly title: string;
  readonly about: string;
  readonly query: QuerySpecInput;
}

/** As in Honeycomb's JSON, so that people and programs can copy each. */
export const readyMadeQueries = queries as readonly ReadyMadeQuery[];
