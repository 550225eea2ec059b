import type { Part } from '../../core/door/part.ts';
import { withQueryRange } from './with-query-range.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    query: true;
  }
}

/**
 * Any question about the stored spans and log records, in Honeycomb's query language: the view, saved queries, BubbleUp, the
 * command and the tools.
 */
export const part: Part = {
  name: 'query',
  views: { query: { title: 'Query', inMenu: true, withRange: withQueryRange } },
};
