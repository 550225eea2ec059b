import type { Static } from 'typebox';
import Type from 'typebox';

/** A row that matches a query, with the values of the chosen columns. */
export const NewestRow = Type.Object({
  time_ns: Type.String({ description: 'Nanoseconds since the epoch.' }),
  trace_id: Type.Optional(Type.String()),
  span_id: Type.Optional(
    Type.String({
      description: 'The span. For an event, a link or a log record, the span that it belongs to.',
    }),
  ),
  values: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]), {
    description: 'One per column.',
  }),
});
export type NewestRow = Static<typeof NewestRow>;
