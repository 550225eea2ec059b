import type { Rule } from '../rule.ts';

/** A 4xx response as an error of the server. */
export const clientError: Rule = ({ columns, count, text }) => {
  const isCallers = `regexp_full_match(${text('http.response.status_code')}, '4[0-9][0-9]')`;
  return count({ failed: `${columns.kind} = 'server' AND ${columns.error} AND ${isCallers}` });
};
