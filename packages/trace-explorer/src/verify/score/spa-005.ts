import type { Rule } from '../rule.ts';

/** Traces have at most 20 spans of a service that took less than 5 ms. */
export const spa005: Rule = ({ columns, countTraces }) => countTraces(`${columns.duration} < 5000000`, 20);
