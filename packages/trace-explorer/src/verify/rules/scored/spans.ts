import { RUNNER } from '../../../traces/model/span-facts.ts';
import type { Rule } from '../../rule.ts';

/** Traces have at most 10 INTERNAL spans of a service. */
export const spa001: Rule = ({ columns, countTraces }) =>
  countTraces(`${columns.kind} = 'internal' AND NOT starts_with(${columns.name}, '${RUNNER}')`, 10);

/** Every parent is somewhere in the store, at any time and of any service. */
export const spa002: Rule = async ({ columns, count, share }) => {
  const { condition } = await share();
  const id = (span: string) => `hash(${columns.traceId}, ${span})`;
  const sent = `SELECT ${id(columns.spanId)} FROM spans WHERE ${columns.isSpan} AND ${condition}`;
  const isTorn = `${columns.parentId} IS NOT NULL AND ${id(columns.parentId)} NOT IN (${sent})`;
  return count({ torn: `${condition} AND ${isTorn}` });
};

/** Root spans are not CLIENT spans. */
export const spa004: Rule = ({ columns, count }) =>
  count({ root: `${columns.kind} = 'client' AND ${columns.parentId} IS NULL` });

/** Traces have at most 20 spans of a service that took less than 5 ms. */
export const spa005: Rule = ({ columns, countTraces }) =>
  countTraces(`${columns.duration} < 5000000 AND NOT starts_with(${columns.name}, '${RUNNER}')`, 20);
