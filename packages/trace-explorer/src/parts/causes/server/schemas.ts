import type { Static } from 'typebox';
import Type from 'typebox';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { RULE_NAMES } from '../../../core/traces/findings/rules.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { usualShare } from '../../../lib/time/time-range.ts';
import { UNITS } from '../units.ts';

/** The rule of causes that are errors. Other causes have the name of a finding's rule. */
export const ERROR = 'error';
/** The rule of a queue with more sent messages than processed ones. Only the spans of many traces show it. */
export const GROWING_QUEUE = 'growing-queue';

/** The kind of a request or tool of which only log records tell. */
export const LOG = 'log';

/** Stretches of a spark, which together are the range. */
export const SPARK = 24;
/** Routes and versions that a cause names. A number stands for further routes. */
export const MOST_NAMED = 20;
/** Traces that a cause's list pages through, the newest. */
export const MOST_LISTED = 5_000;

const text = Type.String();
const Route = Type.Object({ service: text, name: text });

const optional = (description: string) => Type.Optional(Type.String({ description }));

/** One kind of sighting of a cause, by what a project's file of known problems compares: never a line, a port or an id. */
export const Sighted = Type.Object({
  rule: text,
  service: text,
  route: Type.String({ description: 'of the request, with : for parameters' }),
  operation: text,
  statement: optional('its shape'),
  call: optional('of HTTP: method, and who answered'),
  type: optional('of an error'),
  message: optional('of an error, with … for numbers, ids and values'),
  file: optional('as the folder of the run sees it'),
  sentence: text,
  line: optional('`src/orders.js:31`'),
  trace_id: text,
  weak: Type.Optional(Type.Boolean({ description: 'true: below the limits of its rule, or of the machine' })),
  trace_ids: Type.Optional(
    Type.Array(text, { description: 'of /api/causes: all traces looked at that show it' }),
  ),
  trace_weights: Type.Optional(
    Type.Array(Type.Number(), {
      description: 'if some of these are sampled: how many traces each of them stands for, in their order',
    }),
  ),
});

/** Who has accepted a problem, in a project's file. */
export const AcceptedBy = Type.Object({
  by: text,
  why: text,
  since: text,
  until: optional('the last day'),
  file: Type.String({ description: 'the name of the file of known problems' }),
});
export type AcceptedBy = Static<typeof AcceptedBy>;

/** One fault of one operation of one service, on all routes. */
export const Cause = Type.Object({
  id: Type.String({ description: 'the name in URLs' }),
  rule: Type.String({ description: `\`${ERROR}\`, \`${GROWING_QUEUE}\`, or the rule of a finding` }),
  rules: Type.Array(text, { description: 'rules whose findings belong to the cause' }),
  service: Type.String({ description: 'with name and kind: the span that is to blame' }),
  name: text,
  kind: text,
  type: Type.Optional(Type.String({ description: 'the exception’s type' })),
  message: Type.Optional(
    Type.String({ description: 'the error’s message, with … for numbers, ids, paths and the like' }),
  ),
  target: Type.Optional(
    Type.String({ description: 'the called host, or an agent’s tool, that the name leaves out' }),
  ),
  sentence: Type.String({ description: 'the fault, without a number of one trace' }),
  short: Type.String({ description: 'the sentence without the service, for a list that names it' }),
  example: Type.Optional(
    Type.String({
      description:
        'what people are told: the sentence of the trace that shows it, with its figures; of an error its message',
    }),
  ),
  short_example: Type.Optional(Type.String({ description: 'the same without the service' })),
  advice: Type.Optional(text),
  outside: Type.Optional(
    Type.Boolean({
      description: 'true: the process could do nothing, because it had no processor, for example',
    }),
  ),
  vague: Type.Optional(Type.Boolean({ description: 'true: its sentence names no part that took the time' })),
  line: Type.Optional(
    Type.String({
      description: 'the line of code of its example, else of most of its spans: `src/orders.js:31`',
    }),
  ),
  counted: Type.Enum(['all', 'looked'], {
    description:
      'whether traces, of, failed, lost_ms, first and last are about all traces of the range, or about the traces that were looked at',
  }),
  traces: Type.Number({ description: 'traces with the cause' }),
  of: Type.Integer({ description: 'all traces of the range, or the ones that were looked at' }),
  of_estimated: Type.Optional(
    Type.Number({ description: 'if sampled traces count by their rates: of, by them' }),
  ),
  estimated: Type.Optional(Type.Boolean({ description: 'sampled traces count by their rates' })),
  seen: Type.Optional(Type.Integer({ description: 'if estimated: stored traces with the cause' })),
  counts: Type.Optional(
    Type.Object(
      {
        unit: Type.Enum([...UNITS], { description: 'what people are told of' }),
        count: Type.Number({ description: 'units with the cause' }),
        of: Type.Number({ description: 'all of them' }),
        seen: Type.Optional(Type.Integer({ description: 'if estimated: stored units with the cause' })),
      },
      {
        description:
          'requests, messages or jobs instead of traces, as the end of a run counts them. Left out where not all traces were looked at',
      },
    ),
  ),
  failed: Type.Number({ description: 'of these traces, the ones whose first request failed' }),
  lost_ms: Type.Number({ description: 'time that the cause cost' }),
  first: text,
  last: text,
  new: Type.Optional(
    Type.Boolean({
      description:
        'true: not in the range of equal length before; if counted is `looked`, in none of its looked_before traces',
    }),
  ),
  usual: usualShare,
  after: Type.Optional(
    Type.Object(
      { service: text, version: text, time: text },
      { description: 'the deploy that it came after' },
    ),
  ),
  spark: Type.Array(Type.Number(), { description: `traces in each of ${SPARK} equal parts of the range` }),
  routes: Type.Array(Route, { description: 'where the traces begin, some of them' }),
  routes_total: Type.Integer(),
  user: Type.Optional(Type.String({ description: 'the user with most of the traces' })),
  users_total: Type.Optional(Type.Integer()),
  versions: Type.Array(text, { description: 'versions of the service' }),
  known: Type.Optional(Type.Boolean({ description: 'true: hidden until it changes' })),
  accepted: Type.Optional(AcceptedBy),
  sightings: Type.Optional(Type.Array(Sighted, { description: 'if asked for: one of each kind' })),
  trace_id: Type.Optional(Type.String({ description: 'a trace that shows it' })),
  conversation: Type.Optional(
    Type.Object(
      { by: text, id: text },
      {
        description:
          'instead of trace_id: the newest conversation of a coding agent whose log records show it, by a field; traces and of count conversations',
      },
    ),
  ),
  span_id: Type.Optional(text),
  finding: Type.Optional(Type.String({ description: 'the name of its finding in the URL of trace_id' })),
});
export type Cause = Static<typeof Cause>;

/** A cause that is counted over all spans of the range, and two traces that show it. */
export interface ExactCause {
  readonly cause: Cause;
  readonly examples: readonly string[];
  /** Of an error: the message of all of its spans; undefined where they differ. */
  readonly message?: string;
}

/** The causes of a range, in the order of their weight, and the traces that were looked at. */
export const Causes = Type.Object({
  start_time: Type.Number({ description: 'seconds since the epoch' }),
  end_time: Type.Number({ description: 'seconds since the epoch' }),
  looked: Type.Integer({
    description: 'traces looked at: of each route, each error, and the slow end of each route',
  }),
  found: Type.Integer({ description: 'of the traces looked at, the ones with a finding' }),
  found_estimated: Type.Optional(
    Type.Number({ description: 'if all were looked at, and some are samples: found, by their rates' }),
  ),
  of: Type.Integer({ description: 'all traces that begin in the range' }),
  of_estimated: Type.Optional(
    Type.Number({ description: 'if some of these are samples: of, by their rates' }),
  ),
  notes: Type.Optional(Type.Array(Type.String(), { description: 'what was not looked for, and why' })),
  compared: Type.Boolean({
    description:
      'whether the store has the range of equal length before, and spans in it. Else nothing is called new',
  }),
  looked_before: Type.Optional(
    Type.Integer({ description: 'traces of the range before, looked at for causes of now' }),
  ),
  causes: Type.Array(Cause),
  more: Type.Integer({ description: 'causes that are not in the list' }),
});
export type Causes = Static<typeof Causes>;

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
