import type { Rule } from '../rule.ts';

/** Every parent is somewhere in the store, at any time and of any service. */
export const spa002: Rule = async ({ columns, count, share }) => {
  const { condition } = await share();
  const id = (span: string) => `hash(${columns.traceId}, ${span})`;
  const sent = `SELECT ${id(columns.spanId)} FROM spans WHERE ${columns.isSpan} AND ${condition}`;
  const isTorn = `${columns.parentId} IS NOT NULL AND ${id(columns.parentId)} NOT IN (${sent})`;
  return count({ torn: `${condition} AND ${isTorn}` });
};
