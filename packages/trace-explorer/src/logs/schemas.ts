import { describePattern } from '@tandem/service-kit/http';
import Type from 'typebox';
import { LEVEL_NAMES } from '../shared/log-levels.ts';
import { TraceParams } from '../traces/api/schemas.ts';

const strict = { additionalProperties: false } as const;
const spanId = Type.String({
  pattern: describePattern('^[0-9a-fA-F]{16}$', 'must be 16 hexadecimal digits'),
});
const seconds = Type.Number({ minimum: 0, maximum: 9e9, description: 'seconds since the epoch' });

const filter = {
  trace_id: Type.Optional(TraceParams.properties.traceId),
  span_id: Type.Optional(spanId),
  service: Type.Optional(Type.String({ maxLength: 1000 })),
  level: Type.Optional(
    Type.Enum([...LEVEL_NAMES], {
      description:
        'records of this level and above; without a severity number by the level that their text names',
    }),
  ),
  text: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'in the body, the event’s name, or the exception’s type and message; case does not matter',
    }),
  ),
  field: Type.Optional(
    Type.Array(Type.String({ maxLength: 2000 }), {
      maxItems: 20,
      description: '`field=value`, or `field` alone for any value; may be repeated: records that fit all',
    }),
  ),
  start_time: Type.Optional(seconds),
  end_time: Type.Optional(seconds),
};
const page = {
  order: Type.Optional(Type.Enum(['newest', 'oldest'], { default: 'newest', description: 'first' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
};

export const FilterQuery = Type.Object(filter, strict);
export const LogsQuery = Type.Object({ ...filter, ...page }, strict);
export const LogParams = Type.Object(
  { id: Type.String({ pattern: describePattern('^[0-9]{1,15}$', 'must be a number') }) },
  strict,
);

const LogEntry = Type.Object({
  id: Type.String({ description: 'its place in the order of arrival' }),
  time: Type.String({ description: 'RFC 3339' }),
  time_ns: Type.String({ description: 'nanoseconds since the epoch' }),
  service: Type.String(),
  severity: Type.String({
    description:
      'trace, debug, info, warn, error, fatal or unspecified; of a record without a number what its text names',
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
      description: 'too large for a list: /api/logs/{id} has the attributes and all of the body',
    }),
  ),
});

export const LogPage = Type.Object({
  logs: Type.Array(LogEntry),
  next: Type.Optional(Type.String({ description: 'cursor of the next page' })),
});

export const Density = Type.Object({
  start_time: Type.Number({ description: 'seconds since the epoch' }),
  end_time: Type.Number({ description: 'not included' }),
  bucket_seconds: Type.Number(),
  total: Type.Integer(),
  levels: Type.Record(Type.String(), Type.Array(Type.Integer()), {
    description: 'counts of a level, or `unspecified`, one for each bucket',
  }),
});
