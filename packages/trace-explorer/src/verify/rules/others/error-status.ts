import { firstField } from '../../../traces/read/field-sql.ts';
import type { Rule } from '../../rule.ts';

/** A 4xx response as an error of the server. */
export const clientError: Rule = ({ columns, count, text }) => {
  const isCallers = `regexp_full_match(${text('http.response.status_code')}, '4[0-9][0-9]')`;
  return count({ failed: `${columns.kind} = 'server' AND ${columns.error} AND ${isCallers}` });
};

/** A 5xx response of a server whose span is not an error, so that no error rate counts the response. */
export const serverError: Rule = ({ columns, count, text }) => {
  const isServers = `regexp_full_match(${text('http.response.status_code')}, '5[0-9][0-9]')`;
  return count({ failed: `${columns.kind} = 'server' AND NOT ${columns.error} AND ${isServers}` });
};

/** Failed requests of a service without an exception in the trace, neither as an event of a span nor as a log record. */
export const unrecordedException: Rule = ({ columns, find, store, text, within }) => {
  const service = `${columns.service} AS service, hash(${columns.traceId}) AS trace`;
  const exception = firstField(store.fields(), 'exception.type', 'exception.message');
  const isCallers = `coalesce(regexp_full_match(${text('http.response.status_code')}, '4[0-9][0-9]'), false)`;
  return find(
    `SELECT service, sum(spans), max(example) FROM (
      SELECT ${service}, count(*) AS spans, max(_seq) AS example FROM spans
      WHERE ${within} AND ${columns.kind} IN ('server', 'consumer') AND ${columns.error} AND NOT ${isCallers} GROUP BY 1, 2
    ) ANTI JOIN (SELECT ${service} FROM spans WHERE ${within} AND ${exception} IS NOT NULL) USING (service, trace)
    GROUP BY 1 ORDER BY 1`,
  );
};
