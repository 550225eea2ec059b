import type { Static } from 'typebox';
import Type from 'typebox';
import { usualShare } from '../range/schemas.ts';
import { ERROR, GROWING_QUEUE } from './problem-key.ts';
import { UNITS } from './units.ts';

/** Stretches of a spark, which together are the range. */
export const SPARK = 24;
/** Routes and versions that a cause names. A number stands for further routes. */
export const MOST_NAMED = 20;
const text = Type.String();
const Route = Type.Object({ service: text, name: text });

const optional = (description: string) => Type.Optional(Type.String({ description }));

/** Where in the code: of the example that is told, else of most spans. */
export const PLACE = {
  file: optional('as the folder of the run sees it, or whole, as other senders name it'),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Integer({ description: 'of a bundle' })),
  function: Type.Optional(text),
};

/** All occurrences of a problem with one fingerprint, which a project's file of known problems compares: never a line, a port or an id. */
export const Sighting = Type.Object({
  rule: text,
  service: text,
  route: Type.String({ description: 'of the request, with : for parameters' }),
  operation: text,
  statement: optional('its shape'),
  call: optional('of HTTP: method, and who answered'),
  type: optional('of an error'),
  message: optional('of an error, with … for numbers, ids and values'),
  ...PLACE,
  sentence: text,
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

export type Sighting = Static<typeof Sighting>;

/** Who has accepted a problem, in a project's file. */
export const AcceptedBy = Type.Object({
  by: text,
  why: text,
  since: text,
  until: optional('the last day'),
  file: Type.String({ description: 'the name of the file of known problems' }),
});
export type AcceptedBy = Static<typeof AcceptedBy>;

/** What is told of a problem, wherever it is told: one fault of one operation of one service, on all routes. */
export const Problem = Type.Object({
  id: Type.String({ description: 'the name in URLs' }),
  rule: Type.String({ description: `\`${ERROR}\`, \`${GROWING_QUEUE}\`, or the rule of a finding` }),
  service: Type.String({ description: 'of the span that is to blame' }),
  sentence: Type.String({ description: 'of a range without a number of one trace, which `example` has' }),
  advice: optional('what to do, where its rule has an advice'),
  fact: Type.Optional(
    Type.Boolean({
      description:
        'true: no fault by itself, such as a request that took long by itself, or an error that was logged and harmed nobody',
    }),
  ),
  ...PLACE,
  trace_id: optional('a trace that shows it'),
  sightings: Type.Optional(Type.Array(Sighting, { description: 'if asked for: one of each kind' })),
  accepted: Type.Optional(AcceptedBy),
});

/** A problem of a range, with its counts. */
export const Cause = Type.Object({
  ...Problem.properties,
  rules: Type.Array(text, { description: 'rules whose findings belong to the cause' }),
  name: Type.String({ description: 'with service and kind: the span that is to blame' }),
  kind: text,
  type: Type.Optional(Type.String({ description: 'the exception’s type' })),
  message: Type.Optional(
    Type.String({ description: 'the error’s message, with … for numbers, ids, paths and the like' }),
  ),
  target: Type.Optional(
    Type.String({ description: 'the called host, or an agent’s tool, that the name leaves out' }),
  ),
  short: Type.String({ description: 'the sentence without the service, for a list that names it' }),
  example: Type.Optional(
    Type.String({
      description:
        'what people are told: the sentence of the trace that shows it, with its figures; of an error its message',
    }),
  ),
  short_example: Type.Optional(Type.String({ description: 'the same without the service' })),
  symptom: Type.Optional(
    Type.Boolean({ description: 'true: a wait of which another problem of its routes may be the reason' }),
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
  hidden: Type.Optional(Type.Boolean({ description: 'true: until it changes' })),
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

/** What a row of a list shows of a cause: the rest comes with the cause itself. */
const ROW = [
  'id',
  'rule',
  'service',
  'name',
  'sentence',
  'short',
  'counted',
  'traces',
  'of',
  'failed',
  'lost_ms',
  'first',
  'spark',
] as const;
const MAYBE_IN_ROW = [
  'fact',
  'file',
  'line',
  'column',
  'function',
  'accepted',
  'hidden',
  'conversation',
  'of_estimated',
  'estimated',
  'seen',
  'counts',
  'new',
  'usual',
  'after',
] as const;
/** With how many more its service has, at the last one of a service among the first rows. */
export type CauseRow = { readonly more_of_service?: number } & Pick<
  Cause,
  (typeof ROW)[number] | (typeof MAYBE_IN_ROW)[number]
>;

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

/** The same, or with `rows` what a list shows of the first of them. */
export const ListedCauses = Type.Object({
  ...Causes.properties,
  causes: Type.Array(
    Type.Object({
      ...Type.Partial(Cause).properties,
      ...Type.Pick(Cause, ROW).properties,
      more_of_service: Type.Optional(
        Type.Integer({
          description:
            'of rows: how many more its service has; at the last one of the service among the first seven',
        }),
      ),
    }),
  ),
  problems: Type.Optional(
    Type.Integer({ description: 'of rows: all that are no facts, not hidden and not accepted' }),
  ),
});
/** An answer of rows. */
export type CauseRows = Omit<Causes, 'causes'> & { causes: CauseRow[]; readonly problems: number };
