import type { Rule } from '../rule.ts';

/** Traces have at most 10 INTERNAL spans of a service. */
export const spa001: Rule = ({ columns, countTraces }) => countTraces(`${columns.kind} = 'internal'`, 10);
