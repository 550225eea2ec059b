import type { Static } from 'typebox';
import Type from 'typebox';
import { ERROR, GROWING_QUEUE } from '../../../core/problems/problem-key.ts';
import { Cause, Causes } from '../../../core/problems/schemas.ts';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { RULE_NAMES } from '../../../core/traces/findings/rules.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';

/** Traces that a cause's list pages through, the newest. */
export const MOST_LISTED = 5_000;

const text = Type.String();
const optional = (description: string) => Type.Optional(Type.String({ description }));

/** A cause that is counted over all spans of the range, and two traces that show it. */
export interface ExactCause {
  readonly cause: Cause;
  readonly examples: readonly string[];
  /** Of an error: the message of all of its spans; undefined where they differ. */
  readonly message?: string;
}

/** Chooses the traces to look at, and the causes. */
export const CausesFilter = Type.Object({
  service: Type.Optional(Type.String({ description: 'only traces that begin in this service' })),
  name: Type.Optional(Type.String({ description: 'only traces whose first span has this name' })),
  rule: Type.Optional(
    Type.Enum([...RULE_NAMES, ERROR, GROWING_QUEUE], { description: 'only causes of this rule' }),
  ),
  at: Type.Optional(Type.String({ description: 'only causes at this service, or on its routes' })),
  seconds: Type.Optional(
    Type.Number({
      minimum: 0.1,
      maximum: 20,
      default: 1,
      description: 'how many traces to look at: 20,000 of their spans a second, and the first 200 traces',
    }),
  ),
});

/** The question of an inspection: a range, the traces to inspect, and the causes to find. */
export interface Question extends Omit<Static<typeof CausesFilter>, 'at'>, TimeInterval {
  /** The number of traces to inspect, instead of as many as `seconds` allow. */
  readonly traces?: number;
}

const { start_time, end_time, looked, looked_before, of, compared } = Causes.properties;

/** A trace in a few rows: the way from its first span to the one that is to blame, and the longest spans beside the way. */
const TypicalTrace = Type.Object({
  trace_id: text,
  start: text,
  duration_ms: Type.Number(),
  rows: Type.Array(
    Type.Object({
      span_id: text,
      service: text,
      name: text,
      depth: Type.Integer(),
      start_ms: Type.Number({ description: 'since the trace began' }),
      duration_ms: Type.Number(),
      error: Type.Boolean(),
      blamed: Type.Boolean({ description: 'whether the span is to blame' }),
    }),
  ),
});
export type TypicalTrace = Static<typeof TypicalTrace>;

/** One cause with all that its page shows. */
export const CauseDetail = Type.Object({
  start_time,
  end_time,
  looked,
  looked_before,
  of,
  compared,
  id: Type.String(),
  sentence: Type.String(),
  cause: Type.Optional(Cause),
  accept: optional('the command that writes it into its project’s file of known problems'),
  stack: Type.Optional(Type.String({ description: 'the stack of the exception in trace_id, its beginning' })),
  operations: Type.Array(
    Type.Object({ service: Type.String(), name: Type.String(), traces: Type.Integer() }),
    { description: 'spans above the one that is to blame, in its newest traces' },
  ),
  typical: Type.Array(TypicalTrace, {
    description: 'some of its newest traces, in a few rows each; the trace of the most usual length first',
  }),
  query: Type.Optional(
    Type.Unsafe<QuerySpecInput>(Type.Unknown({ description: 'the cause as a query, if a query can say it' })),
  ),
});
export type CauseDetail = Static<typeof CauseDetail>;
