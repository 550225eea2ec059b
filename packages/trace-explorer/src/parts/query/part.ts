import type { Part } from '../../core/door/part.ts';

/**
 * Any question about the stored spans and log records, in Honeycomb's query language: the view, saved queries, BubbleUp, the
 * command and the tools.
 */
export const part: Part = { name: 'query' };
