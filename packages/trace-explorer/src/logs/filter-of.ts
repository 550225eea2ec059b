import type { Static } from 'typebox';
import { traceIdField } from '../fields/trace-id.ts';
import type { LogFilter } from './log-filter.ts';
import type { FilterQuery } from './schemas.ts';

/** A query's conditions as a filter. */
export function filterOf(query: Static<typeof FilterQuery>): LogFilter {
  const { trace_id, span_id, service, level, text, field, start_time, end_time } = query;
  return {
    ...(trace_id !== undefined && { traceId: traceIdField(trace_id) }),
    ...(span_id !== undefined && { spanId: span_id.toLowerCase() }),
    ...(service !== undefined && { service }),
    ...(level !== undefined && { level: level as NonNullable<LogFilter['level']> }),
    ...(text !== undefined && { text }),
    ...(field !== undefined && { fields: field }),
    ...(start_time !== undefined && { startTime: start_time }),
    ...(end_time !== undefined && { endTime: end_time }),
  };
}
