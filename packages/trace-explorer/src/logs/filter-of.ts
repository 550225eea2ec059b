import type { Static } from 'typebox';
import type { SavedFields } from '../query/parse/saved-fields.ts';
import { traceIdField } from '../shared/trace-id.ts';
import type { LogFilter } from './log-filter.ts';
import type { FilterQuery } from './schemas.ts';

/**
 * A query's conditions as a filter.
 * @param saved calculated fields that they can name
 */
export function filterOf(query: Static<typeof FilterQuery>, saved: SavedFields): LogFilter {
  const { trace_id, span_id, service, level, text, field, start_time, end_time } = query;
  return {
    ...(trace_id !== undefined && { traceId: traceIdField(trace_id) }),
    ...(span_id !== undefined && { spanId: span_id.toLowerCase() }),
    ...(service !== undefined && { service }),
    ...(level !== undefined && { level: level as NonNullable<LogFilter['level']> }),
    ...(text !== undefined && { text }),
    ...(field !== undefined && { fields: field, saved }),
    ...(start_time !== undefined && { startTime: start_time }),
    ...(end_time !== undefined && { endTime: end_time }),
  };
}
