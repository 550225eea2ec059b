import { describePattern } from '@tandem/service-kit/http';
import Type from 'typebox';

const traceIdPattern = describePattern(
  '^(?:[0-9a-fA-F]{16}){1,2}$',
  'must be 32 hexadecimal digits, or 16 for an id of 64 bits',
);
const spanIdPattern = describePattern('^[0-9a-fA-F]{16}$', 'must be 16 hexadecimal digits');
const prefixPattern = describePattern('^[0-9a-fA-F]{1,32}$', 'must be up to 32 hexadecimal digits');

const strict = { additionalProperties: false } as const;
const spanId = Type.String({ pattern: spanIdPattern });

export const TraceParams = Type.Object({ traceId: Type.String({ pattern: traceIdPattern }) }, strict);
export const SpanParams = Type.Object({ traceId: Type.String({ pattern: traceIdPattern }), spanId }, strict);

const text = (description: string) => Type.Optional(Type.String({ maxLength: 1000, description }));
const amount = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1e12, description }));

export const ListQuery = Type.Object(
  {
    trace_id: Type.Optional(
      Type.String({ pattern: prefixPattern, description: 'only traces whose id begins with this' }),
    ),
    service: text('only traces with a span of this service'),
    name: text('only traces with a span of this name'),
    errors: Type.Optional(Type.Boolean({ description: 'only traces with errors, or only those without' })),
    min_duration_ms: amount('of the whole trace'),
    max_duration_ms: amount('of the whole trace'),
    field: Type.Optional(
      Type.Array(Type.String({ maxLength: 2000 }), {
        maxItems: 20,
        description:
          '`field=value`, or `field` alone for any value; may be repeated: only traces with one span that fits all',
      }),
    ),
    start_time: amount('seconds since the epoch'),
    end_time: amount('seconds since the epoch'),
    order: Type.Optional(Type.Enum(['newest', 'slowest'], { default: 'newest' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
  },
  strict,
);

export const WindowQuery = Type.Object(
  {
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, default: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 1000 })),
  },
  strict,
);

export const FormQuery = Type.Object(
  {
    form: Type.Optional(Type.Enum(['otlp', 'honeycomb', 'xray'], { default: 'otlp' })),
    copy: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        default: 0,
        description: 'which of several spans with this id',
      }),
    ),
  },
  strict,
);

/** A trace in one line. */
export const Summary = Type.Object({
  trace_id: Type.String(),
  root: Type.Object({
    span_id: Type.String(),
    service: Type.String(),
    name: Type.String(),
    provisional: Type.Boolean({
      description: 'the span without a parent has not arrived; this is the earliest one',
    }),
  }),
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      spans: Type.Integer(),
      errors: Type.Integer(),
      self_ms: Type.Number({ description: 'in its spans while none of their children ran; most first' }),
    }),
  ),
  spans: Type.Integer({ description: 'equal copies of a span are one, as in the trace' }),
  errors: Type.Integer(),
  start: Type.String({ description: 'RFC 3339' }),
  start_ns: Type.String({ description: 'nanoseconds since the epoch' }),
  duration_ms: Type.Number(),
  clocks_corrected: Type.Optional(
    Type.Boolean({ description: 'true where clocks differ, and start and duration are the corrected ones' }),
  ),
  sample_rate: Type.Optional(
    Type.Integer({ description: 'how many traces it stands for; left out where nothing was sampled' }),
  ),
});

export const List = Type.Object({
  traces: Type.Array(Summary),
  next: Type.Optional(Type.String({ description: 'cursor of the next page' })),
});

const SpanRow = Type.Object({
  place: Type.Integer({ description: 'in the whole depth-first list' }),
  parent: Type.Integer({ description: 'place of the parent, -1 for a root' }),
  span_id: Type.String(),
  parent_id: Type.String({ description: 'as sent; empty for a root' }),
  name: Type.String(),
  service: Type.String(),
  kind: Type.String(),
  depth: Type.Integer(),
  children: Type.Integer(),
  descendants: Type.Integer(),
  errors_below: Type.Integer(),
  offset_ms: Type.Number({ description: "from the trace's start, after the clock shift" }),
  duration_ms: Type.Number(),
  critical_ms: Type.Number({ description: 'how long the trace waited for this very span' }),
  start_ns: Type.String({ description: 'as sent, nanoseconds since the epoch' }),
  shift_ms: Type.Number({ description: 'what was added because clocks disagree' }),
  error: Type.Boolean(),
  status_message: Type.Optional(Type.String()),
  events: Type.Integer(),
  links: Type.Integer(),
  copy: Type.Optional(Type.Integer({ description: 'which of several spans with this id' })),
  marks: Type.Array(Type.String(), { description: 'what is odd about the span' }),
});

export const Trace = Type.Object({
  trace_id: Type.String(),
  start: Type.String(),
  start_ns: Type.String(),
  duration_ms: Type.Number(),
  sample_rate: Type.Optional(
    Type.Integer({ description: 'how many traces it stands for; left out where nothing was sampled' }),
  ),
  spans_total: Type.Integer(),
  errors: Type.Integer(),
  services: Type.Array(Type.Object({ name: Type.String(), spans: Type.Integer(), errors: Type.Integer() })),
  notices: Type.Array(Type.Object({ code: Type.String(), message: Type.String(), spans: Type.Integer() })),
  offset: Type.Integer(),
  spans: Type.Array(SpanRow),
});
