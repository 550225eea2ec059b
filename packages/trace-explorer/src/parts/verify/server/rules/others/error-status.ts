import { firstField } from '../../../../../core/store/read/field-sql.ts';
import { counted } from '../../../../../lib/text/words.ts';
import type { Reading } from '../../reading.ts';
import { verifyRule } from '../../rule.ts';

const SET_STATUS = 'if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })';

/** SQL: whether the status code of the response begins with this digit. */
const hasStatus = ({ text }: Reading, digit: 4 | 5) =>
  `regexp_full_match(${text('http.response.status_code')}, '${digit}[0-9][0-9]')`;

export const clientError = verifyRule({
  title: 'Mistakes of the caller count as errors',
  find: (reading) => {
    const { columns, count } = reading;
    return count(`${columns.kind} = 'server' AND ${columns.error} AND ${hasStatus(reading, 4)}`);
  },
  sentence: ({ count }) =>
    `${counted(count, 'span')} of kind SERVER with a response of 4xx and status Error, although the caller made the mistake`,
  node: SET_STATUS,
  others: 'Status ERROR of SERVER spans for 5xx alone',
});

export const serverError = verifyRule({
  title: 'The server hides its failures',
  find: (reading) => {
    const { columns, count } = reading;
    return count(`${columns.kind} = 'server' AND NOT ${columns.error} AND ${hasStatus(reading, 5)}`);
  },
  sentence: ({ count }) =>
    `${counted(count, 'span')} of kind SERVER with a response of 5xx and without status Error, so no error rate counts them`,
  node: SET_STATUS,
  others: 'Status ERROR of SERVER spans for 5xx',
});

/** Failed requests of a service without an exception in the trace, neither as an event of a span nor as a log record. */
export const unrecordedException = verifyRule({
  title: 'Failures without an exception',
  find: (reading) => {
    const { columns, find, store, within } = reading;
    const service = `${columns.service} AS service, hash(${columns.traceId}) AS trace`;
    const exception = firstField(store.fields(), 'exception.type', 'exception.message');
    return find(
      `SELECT service, sum(spans), max(example) FROM (
        SELECT ${service}, count(*) AS spans, max(_seq) AS example FROM spans
        WHERE ${within} AND ${columns.kind} IN ('server', 'consumer') AND ${columns.error}
          AND NOT coalesce(${hasStatus(reading, 4)}, false) GROUP BY 1, 2
      ) ANTI JOIN (SELECT ${service} FROM spans WHERE ${within} AND ${exception} IS NOT NULL) USING (service, trace)
      GROUP BY 1 ORDER BY 1`,
    );
  },
  sentence: ({ count }) =>
    `${counted(count, 'span')} of failed requests without an exception, neither as an event of a span nor as a log record`,
  node: 'span.recordException(error) where the error is caught, or logger.error(error) in the span',
  others:
    'span.record_exception(error) where the error is caught, or a log record with exception.* in the span',
});
