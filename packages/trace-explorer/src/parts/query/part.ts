import type { Part } from '../../core/door/part.ts';
import { queryTime, withQueryRange } from './with-query-range.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    query: true;
  }
}

/**
 * Answers any question about the stored spans and log records in Honeycomb's query language, for people,
 * terminals and agents. It also saves queries and calculated fields, and BubbleUp finds what sets a selection
 * apart, for which it takes some 45 MB of memory. Without it Honeycomb's Query Data API still answers, and nobody can ask it by hand.
 */
export const part: Part = {
  name: 'query',
  views: { query: { title: 'Query', inMenu: true, withRange: withQueryRange, time: queryTime } },
};
