import { counted } from '../../traces/findings/words.ts';
import { firstField } from '../../traces/read/span-columns.ts';
import type { Rule } from '../rule.ts';

/** Failed requests of a service without an exception in the trace, neither as an event of a span nor as a log record. */
export const unrecordedException: Rule = {
  name: 'unrecorded-exception',
  async find({ columns, read, store, text, within }) {
    const { service, traceId } = columns;
    const exception = firstField(store.fields(), 'exception.type', 'exception.message');
    const callersFault = `coalesce(regexp_full_match(${text('http.response.status_code')}, '4[0-9][0-9]'), false)`;
    const rows = await read(
      `SELECT service, sum(spans), max(example) FROM (
        SELECT ${service} AS service, hash(${traceId}) AS trace, count(*) AS spans, max(_seq) AS example FROM spans
        WHERE ${within} AND ${columns.kind} IN ('server', 'consumer') AND ${columns.error} AND NOT ${callersFault} GROUP BY 1, 2
      ) ANTI JOIN (
        SELECT ${service} AS service, hash(${traceId}) AS trace FROM spans WHERE ${within} AND ${exception} IS NOT NULL
      ) USING (service, trace) GROUP BY 1 ORDER BY 1`,
    );
    return rows.map(([name, spans, example]) => ({
      service: String(name),
      sentence: `${counted(Number(spans), 'failed request')} without an exception, neither as an event of a span nor as a log record`,
      mend: {
        node: 'span.recordException(error) where the error is caught, or logger.error(error) in the span',
        others:
          'span.record_exception(error) where the error is caught, or a log record with exception.* in the span',
      },
      count: Number(spans),
      example: Number(example),
    }));
  },
};
