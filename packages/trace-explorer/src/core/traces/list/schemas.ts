import Type from 'typebox';
import { strictObject } from '../../../lib/strict-object.ts';

const text = (description: string) => Type.Optional(Type.String({ maxLength: 1000, description }));
const amount = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1e12, description }));

export const ListQuery = strictObject({
  trace_id: Type.Optional(
    Type.String({
      pattern: '^[0-9a-fA-F]{1,32}$',
      description: 'up to 32 hexadecimal digits: only traces whose ids begin with them',
    }),
  ),
  service: text('only traces with a span of this service'),
  name: text('only traces with a span of this name'),
  errors: Type.Optional(
    Type.Boolean({ description: 'true: only traces with errors; false: only traces without' }),
  ),
  min_duration_ms: amount('of the whole trace'),
  max_duration_ms: amount('of the whole trace'),
  field: Type.Optional(
    Type.Array(Type.String({ maxLength: 2000 }), {
      maxItems: 20,
      description:
        '`field=value`, or `field` alone for any value; when repeated, one span of the trace must match all conditions',
    }),
  ),
  start_time: amount('seconds since the epoch'),
  end_time: amount('seconds since the epoch'),
  order: Type.Optional(Type.Enum(['newest', 'slowest'], { default: 'newest' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the previous page' })),
});

/** A trace in one line. */
export const Summary = Type.Object({
  trace_id: Type.String(),
  root: Type.Object({
    span_id: Type.String(),
    service: Type.String(),
    name: Type.String(),
    provisional: Type.Boolean({
      description: 'true when the span without a parent has not arrived, and this is the earliest span',
    }),
  }),
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      spans: Type.Integer(),
      errors: Type.Integer(),
      self_ms: Type.Number({
        description:
          'time in the service’s spans while none of their children ran; the service with most time first',
      }),
    }),
  ),
  spans: Type.Integer({ description: 'equal copies of a span count once, as in the trace' }),
  errors: Type.Integer(),
  start: Type.String({ description: 'RFC 3339' }),
  start_ns: Type.String({ description: 'nanoseconds since the epoch' }),
  duration_ms: Type.Number(),
  clocks_corrected: Type.Optional(
    Type.Boolean({ description: 'true when clocks differ, and the explorer corrected start and duration' }),
  ),
  sample_rate: Type.Optional(
    Type.Integer({ description: 'how many traces this one stands for; absent without sampling' }),
  ),
});

export const List = Type.Object({
  traces: Type.Array(Summary),
  next: Type.Optional(Type.String({ description: 'cursor of the next page' })),
});

/** Traces to compare one with. */
export const LikeList = Type.Object({
  traces: Type.Array(
    Type.Intersect([
      Summary,
      Type.Object({
        why: Type.Optional(
          Type.String({ description: 'median, fast, or the version before; left out for the newest' }),
        ),
      }),
    ]),
  ),
});
