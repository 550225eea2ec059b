import type { Rule } from '../rule.ts';

/** Root spans are not CLIENT spans. */
export const spa004: Rule = ({ columns, count }) =>
  count({ root: `${columns.kind} = 'client' AND ${columns.parentId} IS NULL` });
