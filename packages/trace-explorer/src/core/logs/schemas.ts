import type { Static } from 'typebox';
import Type from 'typebox';
import { strictObject } from '../../lib/strict-object.ts';
import { LEVEL_NAMES } from '../../lib/text/log-levels.ts';
import { SpanId, TraceParams } from '../traces/schemas.ts';

const seconds = Type.Number({ minimum: 0, maximum: 9e9, description: 'seconds since the epoch' });

const filter = {
  trace_id: Type.Optional(TraceParams.properties.traceId),
  span_id: Type.Optional(SpanId),
  service: Type.Optional(Type.String({ maxLength: 1000 })),
  level: Type.Optional(
    Type.Enum([...LEVEL_NAMES], {
      description:
        'records of at least this level; without a severity number, the record’s text gives the level',
    }),
  ),
  text: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description:
        'text in the body, the event’s name, or the exception’s type and message, in upper or lower case',
    }),
  ),
  field: Type.Optional(
    Type.Array(Type.String({ maxLength: 2000 }), {
      maxItems: 20,
      description:
        '`field=value`, or `field` alone for any value; when repeated, records match all conditions',
    }),
  ),
  start_time: Type.Optional(seconds),
  end_time: Type.Optional(seconds),
};
const page = {
  order: Type.Optional(Type.Enum(['newest', 'oldest'], { default: 'newest', description: 'first' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the previous page' })),
};

export const FilterQuery = strictObject(filter);
export const LogsQuery = strictObject({ ...filter, ...page });
export const LogParams = strictObject({
  id: Type.String({ pattern: '^[0-9]{1,15}$', description: 'a number of up to 15 digits' }),
});

/** A log record in one line. */
const LogEntry = Type.Object({
  id: Type.String({ description: 'the record’s number in the order of arrival' }),
  time: Type.String({ description: 'RFC 3339' }),
  time_ns: Type.String({ description: 'nanoseconds since the epoch' }),
  service: Type.String(),
  severity: Type.String({
    description:
      'trace, debug, info, warn, error, fatal or unspecified; without a severity number, the level that the record’s text names',
  }),
  severity_code: Type.Integer({ description: 'SeverityNumber as sent; 0: none' }),
  severity_text: Type.Optional(Type.String()),
  body: Type.Optional(Type.String({ description: 'a map or list as JSON' })),
  event_name: Type.Optional(Type.String()),
  trace_id: Type.Optional(Type.String()),
  span_id: Type.Optional(Type.String()),
  attributes: Type.Record(Type.String(), Type.Unknown()),
  partial: Type.Optional(
    Type.Boolean({
      description:
        'true when the record is too large for a list: /api/logs/{id} has the attributes and the whole body',
    }),
  ),
});

export const LogPage = Type.Object({
  logs: Type.Array(LogEntry),
  next: Type.Optional(Type.String({ description: 'cursor of the next page' })),
});

/** The number of log records over time, by level. */
export const LogDensity = Type.Object({
  start_time: Type.Number({ description: 'seconds since the epoch' }),
  end_time: Type.Number({ description: 'excluded' }),
  bucket_seconds: Type.Number(),
  total: Type.Integer(),
  levels: Type.Record(Type.String(), Type.Array(Type.Integer()), {
    description: 'for each level, and for `unspecified`, one count per bucket',
  }),
});

export type LogEntry = Static<typeof LogEntry>;
export type LogPage = Static<typeof LogPage>;
export type LogDensity = Static<typeof LogDensity>;
